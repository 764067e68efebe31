"""Everything that anybody may be allowed to do; each route declares the acts it stands for."""

from __future__ import annotations

from enum import StrEnum, auto


class Act(StrEnum):
    """One thing to be allowed. OPEN_… shows the form of a change and never changes anything."""

    OPEN_SIGN_IN = auto()
    SIGN_IN = auto()
    SIGN_OUT = auto()
    OPEN_START = auto()
    START = auto()
    OPEN_RESET = auto()
    RESET_PASSWORD = auto()
    READ_HEALTH = auto()

    READ_HOME = auto()
    OPEN_OWN_ACCOUNT = auto()
    CHANGE_OWN_ACCOUNT = auto()
    READ_PEOPLE = auto()
    READ_UNITS = auto()

    READ_STRATEGY = auto()
    READ_UNIT = auto()
    READ_ITEM = auto()
    READ_JOURNAL = auto()

    OPEN_VISION = auto()
    WRITE_VISION = auto()
    OPEN_PLAN = auto()
    WRITE_PLAN = auto()
    PUT_IN_FORCE = auto()
    OPEN_TARGETS = auto()
    PLAN_TARGETS = auto()
    AMEND_TARGETS = auto()
    OPEN_ACTUALS = auto()
    RECORD_ACTUALS = auto()
    REVISE_LOCKED = auto()
    OPEN_PROGRESS = auto()
    REPORT_PROGRESS = auto()
    OPEN_COUNTERMEASURE = auto()
    WRITE_COUNTERMEASURE = auto()
    OPEN_DEPUTIES = auto()
    NAME_DEPUTY = auto()

    READ_BALLS = auto()
    READ_BALL = auto()
    COMMENT_ON_BALL = auto()
    OPEN_BALL = auto()
    PLAY_BALL = auto()
    OPEN_THROW = auto()
    THROW = auto()

    READ_CYCLES = auto()
    OPEN_CYCLES = auto()
    MANAGE_CYCLES = auto()
    OPEN_LOCKS = auto()
    LOCK_MONTHS = auto()
    OPEN_PEOPLE = auto()
    MANAGE_PEOPLE = auto()
    OPEN_UNITS = auto()
    MANAGE_UNITS = auto()
    OPEN_SETTINGS = auto()
    MANAGE_SETTINGS = auto()
