"""Design tokens: colours, type and spacing shared by charts, pages, the wall and printed reports.

Contrast ratios and distances under colour-vision deficiency are computed from these values by tests (see `tanlu.charts.colour`), so a
colour is changed here and nowhere else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from tanlu.charts.colour import contrast


@dataclass(frozen=True)
class Theme:
    """The colours of a theme by role.

    Parameters
    ----------
    name : {"light", "dark"}
    ink, muted : str
        Text, and text that stands back; both are read on ``page`` and ``card``.
    line, page, card : str
        Rules, the page, and what lies on it.
    header, on_header, header_line, header_muted, header_focus : str
        The head of a page and the box of a tip, and what stands on them.
    accent, on_accent, accent_dark, focus, underline : str
        Links and buttons, text on a button, strong lines of charts, the ring of the focus, the line under a figure.
    status, on_status
        Fills of status marks, and the text on them.
    sector_fills
        In stacking order, chosen so that neighbours stay apart under colour-vision deficiency.
    land_fill : str
        Removals, drawn below the zero line.
    lines : tuple of str
        Lines of a chart; each goes with a dash pattern.
    ramp : tuple of str
        Steps from low to high; with more of something a step moves away from the card.
    technology_fills, other_fill, unserved_fill
        Bands of an energy system; any two stay apart under colour-vision deficiency.
    cost_fills : tuple of str
        Bands of costs.
    former : str
        What a chart showed before.
    blank : str
        Something without a figure.
    box : str
        Boxes of flows, rods of maps.
    """

    name: str
    ink: str
    muted: str
    line: str
    page: str
    card: str
    header: str
    on_header: str
    header_line: str
    header_muted: str
    header_focus: str
    accent: str
    on_accent: str
    accent_dark: str
    focus: str
    underline: str
    status: Mapping[str, str]
    on_status: str
    sector_fills: Mapping[str, str]
    land_fill: str
    lines: tuple[str, ...]
    ramp: tuple[str, ...]
    technology_fills: tuple[str, ...]
    other_fill: str
    unserved_fill: str
    cost_fills: tuple[str, ...]
    former: str
    blank: str
    box: str

    def on(self, fill: str) -> str:
        """Return the colour in which a text is read best on a fill of this theme."""
        return max((self.card, self.ink, self.page), key=lambda colour: contrast(colour, fill))


LIGHT: Final = Theme(
    name="light",
    ink="#1F2933", muted="#52606D", line="#D9DEE4", page="#F5F7FA", card="#FFFFFF",
    header="#0A2540", on_header="#FFFFFF", header_line="#7FA3C7", header_muted="#C5D5E6", header_focus="#F5C16C",
    accent="#0B5CAD", on_accent="#FFFFFF", accent_dark="#083D77", focus="#B45F06", underline="#9FB3C8",
    status=MappingProxyType({"ok": "#1B7F4B", "warn": "#9A6700", "bad": "#B3261E", "none": "#52606D"}), on_status="#FFFFFF",
    sector_fills=MappingProxyType({
        "power": "#1B4F8F", "steel": "#56B4E9", "cement": "#7A4B1E", "chemicals": "#CC79A7", "other_industry": "#4D4D4D",
        "transport": "#E69F00", "buildings": "#00805E", "agriculture": "#D9D24A",
    }),
    land_fill="#A9C8B4",
    lines=("#083D77", "#B3261E", "#1B7F4B", "#7A4B1E", "#A8477F", "#4D4D4D"),
    ramp=("#E1EEF9", "#B7D5EF", "#6FA8D6", "#2B6CA8", "#0A3A66"),
    technology_fills=(
        "#FFD76E", "#75D0FF", "#2E41AA", "#1B1E3E", "#DC890C", "#119C60", "#8B3684", "#8C8EF2", "#9E8299", "#B8FFC4", "#4F3500",
    ),
    other_fill="#C9CFD6", unserved_fill="#F5294B", former="#6B7885",
    cost_fills=("#2E41AA", "#75D0FF", "#DC890C", "#4F3500", "#F5294B", "#C9CFD6"),
    blank="#E4E7EB", box="#0A2540",
)  # fmt: skip

DARK: Final = Theme(
    name="dark",
    ink="#E6EDF5", muted="#B8C7D9", line="#2C4666", page="#071629", card="#0C2340",
    header="#0A2540", on_header="#FFFFFF", header_line="#7FA3C7", header_muted="#C5D5E6", header_focus="#F5C16C",
    accent="#7CB8F2", on_accent="#071629", accent_dark="#A9D0F7", focus="#F5C16C", underline="#6F8AA8",
    status=MappingProxyType({"ok": "#3FB77F", "warn": "#E3B341", "bad": "#FF8A7A", "none": "#B8C7D9"}), on_status="#071629",
    sector_fills=MappingProxyType({
        "power": "#3D8AE3", "steel": "#ACCBED", "cement": "#E27243", "chemicals": "#EACDD8", "other_industry": "#83898F",
        "transport": "#BFA015", "buildings": "#1BBC75", "agriculture": "#D1E43F",
    }),
    land_fill="#BDD3C0",
    lines=("#A9D0F7", "#FF8A7A", "#3FB77F", "#E27243", "#F0A6D0", "#83898F"),
    ramp=("#1B3F66", "#235585", "#2B6BA3", "#7FB6E6", "#DCEDFB"),
    technology_fills=(
        "#FFE300", "#8DA0D7", "#7460B8", "#3D5FF6", "#D66C01", "#47D69C", "#975F97", "#71A3FF", "#A5919D", "#A7F98C", "#F4B739",
    ),
    other_fill="#C9CFD6", unserved_fill="#F5294B", former="#8C9AAA",
    cost_fills=("#7460B8", "#8DA0D7", "#D66C01", "#F4B739", "#F5294B", "#C9CFD6"),
    blank="#33475E", box="#C5D5E6",
)  # fmt: skip

THEMES: Final = MappingProxyType({theme.name: theme for theme in (LIGHT, DARK)})

INK: Final = LIGHT.ink
MUTED: Final = LIGHT.muted
LINE: Final = LIGHT.line
PAGE: Final = LIGHT.page
CARD: Final = LIGHT.card
HEADER: Final = LIGHT.header
ACCENT: Final = LIGHT.accent
ACCENT_DARK: Final = LIGHT.accent_dark
FOCUS: Final = LIGHT.focus
BLANK: Final = LIGHT.blank
BOX: Final = LIGHT.box
FORMER: Final = LIGHT.former
TECHNOLOGY_FILLS: Final = LIGHT.technology_fills
OTHER_FILL: Final = LIGHT.other_fill
UNSERVED_FILL: Final = LIGHT.unserved_fill
COST_FILLS: Final = LIGHT.cost_fills
STATUS: Final = LIGHT.status
SECTOR_FILLS: Final = LIGHT.sector_fills
LAND_FILL: Final = LIGHT.land_fill
LINES: Final = LIGHT.lines
RAMP: Final = LIGHT.ramp
RAMP_FLIP: Final = 3
"""Step of the ramp (from 0) from which text on it is that of the card."""

DASHES: Final[tuple[tuple[int, ...], ...]] = ((1, 0), (8, 4), (2, 3), (10, 3, 2, 3), (5, 2), (1, 4))
"""Dash pattern that goes with each line colour, so that no line is known by its colour alone."""

BAND_OUTER: Final = 0.16
BAND_INNER: Final = 0.34

FONT: Final = (
    '"Noto Sans SC Variable","Noto Sans SC","Noto Sans CJK SC","Source Han Sans SC","PingFang SC","Microsoft YaHei",'
    "system-ui,sans-serif"
)
SPACES: Final = (4, 8, 12, 16, 24, 32)
RADIUS: Final = 8

ROLES: Final = (
    "ink", "muted", "line", "page", "card", "header", "on_header", "header_line", "header_muted", "header_focus", "accent", "on_accent",
    "accent_dark", "focus", "underline", "on_status", "land_fill", "other_fill", "unserved_fill", "former", "blank", "box",
)  # fmt: skip
"""Roles of one colour."""
SERIES: Final = ("lines", "ramp", "technology_fills", "cost_fills")
"""Roles of several colours in a row."""
NAMED: Final = ("status", "sector_fills")
"""Roles of several colours with names."""
PAGE_ONLY: Final = frozenset({"header", "on_header", "on_accent", "on_status", "page"})
"""Roles of pages alone, whose colours mean something else in a chart."""


def colours(theme: Theme) -> dict[str, str]:
    """Return every colour of a theme by the name of its custom property."""
    found = {_property(role): str(getattr(theme, role)) for role in ROLES}
    for role in NAMED:
        found |= {_property(role, name): colour for name, colour in getattr(theme, role).items()}
    for role in SERIES:
        found |= {_property(role, str(i)): colour for i, colour in enumerate(getattr(theme, role), start=1)}
    return found


def _property(role: str, name: str = "") -> str:
    stem = role if not name or role == "status" else role.removesuffix("_fills").removesuffix("s")
    return "-".join(part for part in (stem, name) if part).replace("_", "-")


def css_variables(theme: Theme = LIGHT) -> str:
    """Return the tokens of a theme as declarations of CSS custom properties."""
    values = {**colours(theme), "font": FONT, "radius": f"{RADIUS}px"}
    values |= {f"space-{i}": f"{space}px" for i, space in enumerate(SPACES, start=1)}
    return ":root{" + "".join(f"--{name}:{value};" for name, value in values.items()) + "}\n"


def text_pairs(theme: Theme) -> dict[str, tuple[str, str]]:
    """Return the pairs of a text and what it stands on, by name; each needs a contrast of 4.5 (WCAG 2.1, 1.4.3)."""
    grounds = {"page": theme.page, "card": theme.card}
    pairs = {
        f"{role} on {ground}": (getattr(theme, role), colour)
        for role in ("ink", "muted", "accent")
        for ground, colour in grounds.items()
    }
    pairs |= {f"{s} on card": (c, theme.card) for s, c in theme.status.items()}
    pairs |= {f"text on {s}": (theme.on_status, c) for s, c in theme.status.items()}
    for role in ("on_header", "header_muted"):
        pairs[f"{role} on header"] = (getattr(theme, role), theme.header)
    pairs["text on accent"] = (theme.on_accent, theme.accent)
    for step, fill in enumerate(theme.ramp):
        pairs[f"text on ramp {step + 1}"] = (theme.card if step >= RAMP_FLIP else theme.ink, fill)
    pairs["text on blank"] = (theme.ink, theme.blank)
    return pairs


def mark_pairs(theme: Theme) -> dict[str, tuple[str, str]]:
    """Return the pairs of a mark that has no word of its own and its ground; each needs a contrast of 3 (WCAG 2.1, 1.4.11)."""
    pairs = {
        "focus on page": (theme.focus, theme.page),
        "focus on card": (theme.focus, theme.card),
        "focus on header": (theme.header_focus, theme.header),
    }
    return pairs | {f"line {i}": (colour, theme.card) for i, colour in enumerate(theme.lines, start=1)}
