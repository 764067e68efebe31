"""An empty process that makes one report and then a year of them: `python -m tests.bench.cold DATABASE_URL`."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from sqlalchemy.orm import configure_mappers

from hoshin.db import make_engine
from tests.bench.big_plans import MONTHS
from tests.bench.sides import Bench


def peak() -> float:
    """The most memory this process has held, in MB; what the system's usage says begins with that of its parent."""
    lines = Path("/proc/self/status").read_text("utf-8").splitlines()
    return next(int(one.split()[1]) / 1024 for one in lines if one.startswith("VmHWM"))


def main() -> None:
    """Print how long the first report took, and how much memory the process needed at most."""
    bench = Bench(make_engine(url=sys.argv[1]))
    configure_mappers()  # belongs to the modules, whatever is read
    began = time.perf_counter()
    found = bench.report()
    seconds = time.perf_counter() - began
    bench.report(periods=tuple(MONTHS))
    said = {"seconds": seconds, "rss_mb": peak(), "organisation": str(found.counts(kind="organisation"))}
    sys.stdout.write(json.dumps(said))


if __name__ == "__main__":
    main()
