"""The colours: one palette, readable on paper and on both themes, told apart without red and green."""

from __future__ import annotations

import re
from dataclasses import astuple
from pathlib import Path

import pytest

from hoshin.charts.palette import FONT, PALETTE

ROOT = Path(__file__).parents[2]
TOKENS = (ROOT / "static/css/tokens.css").read_text(encoding="utf-8")
HEX = re.compile(r"#[0-9a-f]{6}\b")


def block(selector: str) -> dict[str, str]:
    """The custom properties of the first rule with this selector."""
    body = TOKENS[TOKENS.index(selector) :].split("{", 1)[1].split("}", 1)[0]
    return dict(re.findall(r"--([\w-]+):\s*([^;]+);", body))


LIGHT = block(":root {")
DARK = block(':root[data-bs-theme="dark"]')


def luminance(colour: str) -> float:
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_the_dark_block_is_the_same_in_both_places() -> None:
    """Chosen dark and dark by preference look alike."""
    assert block(":root:not([data-bs-theme])") == DARK


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_text_is_readable_on_what_lies_behind_it(theme: dict[str, str]) -> None:
    """WCAG AA: 4.5 to 1."""
    for ink in ("ink", "ink-2", "ink-3", "accent", "accent-strong", "hit", "miss", "amber"):
        for ground in ("paper", "surface"):
            assert contrast(theme[ink], theme[ground]) >= 4.5, (ink, ground)
    for word in ("hit", "miss", "amber", "none", "untargeted"):
        assert contrast(theme[word], theme[f"{word}-soft"]) >= 4.5, word
    assert contrast(theme["on-accent"], theme["accent"]) >= 4.5


def test_page_and_drawing_share_their_colours() -> None:
    """The tokens of the light theme say what the palette says."""
    for name in (
        "hit",
        "hit_mid",
        "hit_soft",
        "miss",
        "miss_mid",
        "miss_soft",
        "amber",
        "none",
        "untargeted",
        "accent",
    ):
        assert LIGHT[name.replace("_", "-")] == getattr(PALETTE, name)


def test_words_on_a_drawing_are_readable() -> None:
    """On the paper, and on the soft ground of their own verdict."""
    for ink in (PALETTE.ink, PALETTE.ink_2, PALETTE.ink_3, PALETTE.accent):
        assert contrast(ink, PALETTE.paper) >= 4.5
    for name in ("hit", "miss", "amber", "none", "untargeted"):
        assert contrast(getattr(PALETTE, name), getattr(PALETTE, f"{name}_soft")) >= 4.5


def test_hit_and_miss_differ_to_every_eye() -> None:
    """Teal against vermilion: for eyes without red or green cones the blue channel still tells them apart."""
    hit, miss = (int(colour[5:7], 16) for colour in (PALETTE.hit_mid, PALETTE.miss_mid))
    assert hit - miss > 60


def test_templates_take_their_colours_from_the_palette() -> None:
    """Page CSS does not reach into a drawing on paper, so every literal colour must be one of ours."""
    files = [*(ROOT / "templates/charts").iterdir(), *(ROOT / "templates/macros").iterdir()]
    for file in files:
        assert set(HEX.findall(file.read_text(encoding="utf-8"))) <= set(astuple(PALETTE)), file.name


def test_drawings_use_nothing_that_paper_does_not_know() -> None:
    """No var(), no currentColor, no style attribute; no space after a comma in the font stack."""
    for file in (ROOT / "templates/charts").glob("*.svg"):
        text = file.read_text(encoding="utf-8")
        assert not re.search(r"var\(|currentColor|\bstyle=(?<!font-style=)", text), file.name
    assert ", " not in FONT
