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


EARLY = """
import os
from hoshin import measures
measures.looked_up(cache="counts", found=False)
if os.fork():
    assert os.wait()[1] == 0, "a child has not looked up what its parent has"
else:
    os._exit(int(measures.meters().cache.labels("counts", "no")._value.get()))
assert not measures._make.cache_info().currsize, "a command of the shell makes no meters"
measures.looked_up(cache="counts", found=True)
cache = measures.meters().cache
measures.looked_up(cache="counts", found=True)
assert (cache.labels("counts", "no")._value.get(), cache.labels("counts", "yes")._value.get()) == (1, 2)
"""


def test_what_is_looked_up_before_there_are_meters_is_counted_once() -> None:
    done = subprocess.run([sys.executable, "-c", EARLY], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
