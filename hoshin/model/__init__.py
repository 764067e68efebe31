"""The tables of the product as typed classes; importing this room registers them all."""

from hoshin.model import actions, base, cycles, items, journal, kpis, links, people, scorings, units

__all__ = ["actions", "base", "cycles", "items", "journal", "kpis", "links", "people", "scorings", "units"]
