"""The first requests of a process arrive together: its meters are made once all the same."""

from __future__ import annotations

import subprocess
import sys

TOGETHER = """
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from hoshin import measures
ready = Barrier(16)
def first(_):
    ready.wait()
    return id(measures.meters())
with ThreadPoolExecutor(16) as pool:
    assert len(set(pool.map(first, range(16)))) == 1
"""


def test_many_threads_make_one_set_of_meters() -> None:
    done = subprocess.run([sys.executable, "-c", TOGETHER], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
