"""Design tokens: colours, type and spacing shared by charts, pages and printed reports.

Contrast ratios and distances under colour-vision deficiency are computed from these values by tests (see `tanlu.charts.colour`), so a
colour is changed here and nowhere else.
"""

from __future__ import annotations

from typing import Final

INK: Final = "#1F2933"
MUTED: Final = "#52606D"
LINE: Final = "#D9DEE4"
PAGE: Final = "#F5F7FA"
CARD: Final = "#FFFFFF"
HEADER: Final = "#0A2540"
ACCENT: Final = "#0B5CAD"
ACCENT_DARK: Final = "#083D77"
FOCUS: Final = "#B45F06"

STATUS: Final = {"ok": "#1B7F4B", "warn": "#9A6700", "bad": "#B3261E", "none": "#52606D"}
"""Fill of a status mark; white text stands on it."""

SECTOR_FILLS: Final = {
    "power": "#1B4F8F",
    "steel": "#56B4E9",
    "cement": "#7A4B1E",
    "chemicals": "#CC79A7",
    "other_industry": "#4D4D4D",
    "transport": "#E69F00",
    "buildings": "#00805E",
    "agriculture": "#D9D24A",
}
"""Fills in stacking order, chosen so that neighbours stay apart under colour-vision deficiency."""

LAND_FILL: Final = "#A9C8B4"
"""Removals, drawn below the zero line."""

LINES: Final = ("#083D77", "#B3261E", "#1B7F4B", "#7A4B1E", "#A8477F", "#4D4D4D")
DASHES: Final[tuple[tuple[int, ...], ...]] = ((1, 0), (8, 4), (2, 3), (10, 3, 2, 3), (5, 2), (1, 4))
"""Dash pattern that goes with each line colour, so that no line is known by its colour alone."""

RAMP: Final = ("#E1EEF9", "#B7D5EF", "#6FA8D6", "#2B6CA8", "#0A3A66")
RAMP_FLIP: Final = 3
"""Step of the ramp (from 0) from which text on it is white."""

BAND_OUTER: Final = 0.16
BAND_INNER: Final = 0.34

FONT: Final = (
    '"Noto Sans SC Variable","Noto Sans SC","Noto Sans CJK SC","Source Han Sans SC","PingFang SC","Microsoft YaHei",'
    "system-ui,sans-serif"
)
SPACES: Final = (4, 8, 12, 16, 24, 32)
RADIUS: Final = 8


def css_variables() -> str:
    """Return the tokens as a CSS rule that defines custom properties on ``:root``."""
    values = {
        "ink": INK, "muted": MUTED, "line": LINE, "page": PAGE, "card": CARD, "header": HEADER, "accent": ACCENT,
        "accent-dark": ACCENT_DARK, "focus": FOCUS, "font": FONT, "radius": f"{RADIUS}px",
    }  # fmt: skip
    values |= {f"status-{name}": colour for name, colour in STATUS.items()}
    values |= {f"space-{i}": f"{space}px" for i, space in enumerate(SPACES, start=1)}
    return ":root{" + "".join(f"--{name}:{value};" for name, value in values.items()) + "}\n"
