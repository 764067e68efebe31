"""An empty process that makes one report and then a year of them: `python -m tests.bench.cold DATABASE_URL`."""

from __future__ import annotations

import json
import resource
import sys
import time

from hoshin.db import make_engine
from tests.bench.big_plans import MONTHS
from tests.bench.sides import Bench


def main() -> None:
    """Print how long the first report took, and how much memory the process needed at most."""
    bench = Bench(make_engine(url=sys.argv[1]))
    began = time.perf_counter()
    found = bench.report()
    seconds = time.perf_counter() - began
    bench.report(periods=tuple(MONTHS))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    said = {"seconds": seconds, "rss_mb": peak, "organisation": str(found.counts(kind="organisation"))}
    sys.stdout.write(json.dumps(said))


if __name__ == "__main__":
    main()
