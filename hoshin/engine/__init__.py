"""Attainment, periods, calendars and the cascade as pure rules: no Flask, no SQLAlchemy, no clock."""
