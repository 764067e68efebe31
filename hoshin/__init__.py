"""Hoshin: a Hoshin Kanri strategy-alignment planner."""

__version__ = "0.1.0"
