"""The one palette of every drawing: literal colours on light paper, told apart by colour-blind readers and in grey."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours as #rrggbb; *mid* fills shapes, *soft* lies behind text, the plain name writes text on either."""

    paper: str = "#fffefb"
    ground: str = "#f8f6f1"
    band: str = "#f1eee6"
    line: str = "#dfdacd"
    line_strong: str = "#8d8776"
    ink: str = "#1f2430"
    ink_2: str = "#474d5a"
    ink_3: str = "#666b76"
    accent: str = "#3d4077"
    accent_soft: str = "#e7e6f2"
    accent_faint: str = "#f3f2f8"
    hit: str = "#0a6761"
    hit_mid: str = "#1c8b82"
    hit_soft: str = "#d9ece8"
    miss: str = "#ad3416"
    miss_mid: str = "#d6512b"
    miss_soft: str = "#fbe2d8"
    amber: str = "#765000"
    amber_mid: str = "#d59a20"
    amber_soft: str = "#f9ebc6"
    none: str = "#565b66"
    none_mid: str = "#a29d91"
    none_soft: str = "#eae7df"
    untargeted: str = "#5a5472"
    untargeted_mid: str = "#cdc7d6"
    untargeted_soft: str = "#efecf3"


PALETTE = Palette()

FONT = (
    "'Segoe UI Variable Text','Segoe UI','Helvetica Neue','Noto Sans','Liberation Sans',"
    "'DejaVu Sans Condensed','DejaVu Sans',sans-serif"
)
"""The stack inside drawings, without a space after a comma: WeasyPrint takes such a space for part of the name.

`text` measures with the widest face that stands before the last resort, so that words never leave their box.
"""
