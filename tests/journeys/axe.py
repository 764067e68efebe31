"""What axe finds wrong with a page; it is asked for that alone, as saying what is right takes as long again.

Most of axe's time would go into contrast, which it works out anew for each piece of text. Whether a text can be read is
decided by how it and what it stands on look, so contrast is asked of the first few of those that look the same.
"""

from __future__ import annotations

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

MISSING = "typeof axe === 'undefined'"
CONTRAST = "color-contrast"
OF_EACH_LOOK = 3
"""How many texts that look the same are looked at."""

RUN = """async ([where, options]) => {
  const found = await axe.run(where ?? document, {resultTypes: ["violations"], ...options});
  return found.violations.map(one => `${one.id}: ${one.nodes[0].html.slice(0, 160)}`);
}"""

# A look is everything that axe derives contrast from: a text's own colour, size and weight, and of each box around it
# what is painted behind it or over it, pseudo-elements too. What is not shown has none.
LOOKS = """(most) => {
  const painted = (style) => [style.backgroundColor, style.backgroundImage, style.opacity, style.position, style.zIndex,
    style.filter, style.mixBlendMode, style.content].join();
  const boxes = new Map([[document, ""]]);
  const box = (element) => {
    if (!boxes.has(element)) {
      const own = [undefined, "::before", "::after"].map((part) => painted(getComputedStyle(element, part))).join("|");
      const around = box(element.parentNode);
      boxes.set(element, around.endsWith(`/${own}`) ? around : `${around}/${own}`);
    }
    return boxes.get(element);
  };
  const holdsText = (element) => element.matches("input, select, textarea") ||
    [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
  const counts = new Map();
  return [...document.body.querySelectorAll("*")].filter((element) => {
    if (!holdsText(element) || !element.checkVisibility()) return false;
    const style = getComputedStyle(element);
    const look = [element.localName, style.color, style.fontSize, style.fontWeight, style.textShadow, element.disabled,
      box(element)].join();
    counts.set(look, (counts.get(look) ?? 0) + 1);
    return counts.get(look) <= most;
  });
}"""


def violations(*, page: Page) -> list[str]:
    """Each rule that is broken, with the first element that breaks it; in a page as it stands."""
    _bring(page)
    others = {"rules": {CONTRAST: {"enabled": False}}}
    found: list[str] = page.evaluate(RUN, [None, others])
    return found + contrast(page=page)


def contrast(*, page: Page) -> list[str]:
    """What axe finds of text that can hardly be read in the theme that the page has now."""
    _bring(page)
    texts = page.evaluate_handle(LOOKS, OF_EACH_LOOK)
    found: list[str] = page.evaluate(RUN, [texts, {"runOnly": [CONTRAST]}])
    texts.dispose()
    return found


def _bring(page: Page) -> None:
    if page.evaluate(MISSING):
        page.evaluate(AXE_SCRIPT)
