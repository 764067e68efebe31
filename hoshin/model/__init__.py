"""The tables of the product as typed classes; importing this room registers them all."""

from hoshin.model import (
    actions,
    base,
    catchball,
    countermeasures,
    cycles,
    items,
    journal,
    kpis,
    links,
    people,
    scorings,
    units,
)

__all__ = [
    "actions",
    "base",
    "catchball",
    "countermeasures",
    "cycles",
    "items",
    "journal",
    "kpis",
    "links",
    "people",
    "scorings",
    "units",
]
