"""What axe finds wrong with a page; it is asked for that alone, as saying what is right takes as long again."""

from __future__ import annotations

import json
from collections.abc import Sequence

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

MISSING = "typeof axe === 'undefined'"
FOUND = "found => found.violations.map(one => `${one.id}: ${one.nodes[0].html.slice(0, 160)}`)"


def violations(*, page: Page, rules: Sequence[str] = ()) -> list[str]:
    """Each rule that is broken with the first element that breaks it; of these rules alone, or of all of them."""
    if page.evaluate(MISSING):
        page.evaluate(AXE_SCRIPT)
    options = {"resultTypes": ["violations"]} | ({"runOnly": list(rules)} if rules else {})
    found: list[str] = page.evaluate(f"axe.run({json.dumps(options)}).then({FOUND})")
    return found
