"""What axe finds wrong with a page; it is asked for that alone, as saying what is right takes as long again.

Most of axe's time would go into contrast, for which it lays out the page in a grid of its own and works out each piece
of text anew. Whether a text can be read is decided by how it and what it stands on look, so contrast is asked of the
first few of those that look the same, in the grid of the other rules where they are asked too; and not at all of looks
that somebody has found readable before.
"""

from __future__ import annotations

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

MISSING = "typeof axe === 'undefined'"
CONTRAST = "color-contrast"
OF_EACH_LOOK = 3
"""How many texts that look the same are looked at."""

# A look is everything that axe derives contrast from: a text's own colour, size and weight, and of each box around it
# what is painted behind it or over it, pseudo-elements too. What is not shown has none.
LOOKS = """() => {
  const isPainted = (style) => style.content !== "none" && (style.backgroundColor !== "rgba(0, 0, 0, 0)" ||
    style.backgroundImage !== "none" || style.opacity !== "1" || style.filter !== "none" ||
    style.mixBlendMode !== "normal" || !["static", "relative"].includes(style.position));
  const painted = (style) => isPainted(style) ? [style.backgroundColor, style.backgroundImage, style.opacity,
    style.position, style.zIndex, style.filter, style.mixBlendMode, style.content].join() : "";
  const boxes = new Map([[document, ""]]);
  const box = (element) => {
    if (!boxes.has(element)) {
      const own = [undefined, "::before", "::after"].map((part) => painted(getComputedStyle(element, part))).join("|");
      const around = box(element.parentNode);
      boxes.set(element, own === "||" || around.endsWith(`/${own}`) ? around : `${around}/${own}`);
    }
    return boxes.get(element);
  };
  const holdsText = (element) => element.matches("input, select, textarea") ||
    [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
  const looks = new Map();
  for (const element of document.body.querySelectorAll("*")) {
    if (!holdsText(element) || !element.checkVisibility()) continue;
    const style = getComputedStyle(element);
    const look = [element.localName, style.color, style.fontSize, style.fontWeight, style.textShadow, element.disabled,
      box(element)].join();
    if (!looks.has(look)) looks.set(look, []);
    looks.get(look).push(element);
  }
  return looks;
}"""

MARK = "data-asked"
"""The attribute of the texts that contrast is asked of."""
BRING = f"{AXE_SCRIPT}\naxe.configure({{rules: [{{id: '{CONTRAST}', selector: '[{MARK}]'}}]}})"

RUN = """async ([looks, asked, most, mark, options]) => {
  const texts = asked.flatMap(look => looks.get(look).slice(0, most));
  texts.forEach(text => text.setAttribute(mark, ""));
  const found = await axe.run(document, {resultTypes: ["violations"], ...options});
  texts.forEach(text => text.removeAttribute(mark));
  return found.violations.map(one => `${one.id}: ${one.nodes[0].html.slice(0, 160)}`);
}"""


def violations(*, page: Page, readable: set[str] | None = None) -> list[str]:
    """Each rule that is broken, with the first element that breaks it; in a page as it stands.

    Contrast is not asked of looks that are `readable`; those found so now are added.
    """
    return _run(page, set() if readable is None else readable, {})


def contrast(*, page: Page, readable: set[str] | None = None) -> list[str]:
    """What axe finds of text that can hardly be read as the page looks now, `readable` as above."""
    return _run(page, set() if readable is None else readable, {"runOnly": [CONTRAST]})


def _run(page: Page, readable: set[str], options: dict[str, list[str]]) -> list[str]:
    if page.evaluate(MISSING):
        page.evaluate(BRING)
    looks = page.evaluate_handle(LOOKS)
    asked = [look for look in looks.evaluate("looks => [...looks.keys()]") if look not in readable]
    found: list[str] = []
    if asked or not options:
        found = page.evaluate(RUN, [looks, asked, OF_EACH_LOOK, MARK, options])
    if not any(one.startswith(CONTRAST) for one in found):
        readable.update(asked)
    looks.dispose()
    return found
