"""The few ways in which anything below the doors can say no; the doors translate them into words and status codes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with one input: where it stands and what would be right."""

    message: str
    field: str = ""
    sheet: str = ""
    row: int | None = None
    column: str = ""

    def __str__(self) -> str:
        place = ", ".join(
            part
            for part in (
                f"sheet {self.sheet}" if self.sheet else "",
                f"row {self.row}" if self.row is not None else "",
                f"column {self.column}" if self.column else "",
                self.field if self.field and not self.column else "",
            )
            if part
        )
        return f"{place}: {self.message}" if place else self.message


class HoshinError(Exception):
    """Anything the product itself refuses; never raised for a bug."""


class Missing(HoshinError):
    """No such thing, or none that this actor may know of: the two look the same on purpose."""


class Forbidden(HoshinError):
    """The actor may see the thing but not do this to it."""


class Refused(HoshinError):
    """A wish that cannot be granted; carries every problem found, each with its field or row."""

    def __init__(self, *problems: Problem | str) -> None:
        self.problems = tuple(one if isinstance(one, Problem) else Problem(one) for one in problems)
        super().__init__("; ".join(str(one) for one in self.problems))

    @classmethod
    def because(cls, problems: Iterable[Problem]) -> Refused:
        """A refusal out of a collected list of problems."""
        return cls(*problems)


class Locked(Refused):
    """The month the change falls into is locked for that unit."""


class Stale(HoshinError):
    """The thing has changed since the form was read; `theirs` is what stands now, by field."""

    def __init__(self, theirs: dict[str, str]) -> None:
        self.theirs = theirs
        super().__init__("somebody else has saved this in the meantime")
