"""Sheets as frozen view models, the one Jinja environment that draws them, and the one place that prints."""
