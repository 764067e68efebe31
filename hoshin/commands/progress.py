"""How far long work has come: told to whoever watches, who may stop it there."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from hoshin.errors import HoshinError


class Progress(Protocol):
    """Is told what is being done, how much of it is done and how much there is; may raise Cancelled."""

    def __call__(self, *, what: str, done: int, of: int) -> None: ...


class Cancelled(HoshinError):
    """Whoever asked for the work does not want it any more; nothing of it stays."""


def unwatched(*, what: str, done: int, of: int) -> None:
    """Nobody watches."""


@contextmanager
def unswept() -> Iterator[None]:
    """Let nobody look for garbage while a large wish is made and carried out: all of it is needed to the end."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
