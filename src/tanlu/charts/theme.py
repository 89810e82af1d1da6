"""A chart in another theme: every colour of its specification becomes its twin.

Specifications are made in the light theme. A picture for the wall is made from the twin of its specification. A page keeps one picture
for all themes: its colours are custom properties, so that another theme or a sheet of paper needs no new picture.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any, Final

from tanlu.charts.base import Spec
from tanlu.charts.tokens import DARK, LIGHT, PAGE_ONLY, THEMES, css_variables
from tanlu.charts.tokens import colours as tokens_of

_HEX: Final = re.compile(r"#[0-9A-Fa-f]{6}")


@cache
def twins(name: str) -> dict[str, str]:
    """Return the twin in a theme of each chart colour of the light theme, both in capital letters."""
    hidden = {role.replace("_", "-") for role in PAGE_ONLY}
    light, other = tokens_of(LIGHT), tokens_of(THEMES[name])
    return {light[key].upper(): other[key] for key in light if key not in hidden}


@cache
def inks(name: str) -> dict[str, str]:
    """Return for each chart colour of the light theme the text colour that is read best on its twin."""
    theme = THEMES[name]
    return {fill: theme.on(twin) for fill, twin in twins(name).items()}


def themed(spec: Spec, name: str) -> Spec:
    """Return a specification in a theme.

    Parameters
    ----------
    spec : dict
        Vega-Lite specification in the light theme. A row with ``ink`` and ``fill`` holds a text that stands on that fill.
    name : {"light", "dark"}

    Raises
    ------
    KeyError
        If there is no such theme.
    """
    made: Spec = spec if THEMES[name] is LIGHT else _twin(spec, name)
    return made


def _twin(part: Any, name: str) -> Any:
    if isinstance(part, dict):
        made = {key: _twin(value, name) for key, value in part.items()}
        if _is_colour(part.get("ink")) and _is_colour(part.get("fill")):
            made["ink"] = inks(name).get(part["fill"].upper(), made["ink"])
        return made
    if isinstance(part, list | tuple):
        return [_twin(value, name) for value in part]
    return twins(name).get(part.upper(), part) if _is_colour(part) else part


def _is_colour(part: Any) -> bool:
    return isinstance(part, str) and _HEX.fullmatch(part) is not None


def stylesheet() -> str:
    """Return the custom properties of all themes: light, dark where the reader or their system chose it, and always light on paper.

    ``--c-1b4f8f`` is the twin of a chart colour, ``--on-1b4f8f`` the text on it; in the light theme both are what they are.
    """
    dark = css_variables(DARK).removeprefix(":root{").rstrip("\n}")
    dark += "".join(f"--c-{key[1:].lower()}:{twin};" for key, twin in twins("dark").items())
    dark += "".join(f"--on-{key[1:].lower()}:{ink};" for key, ink in inks("dark").items())
    dark += "color-scheme:dark;"
    asked, system = ":root[data-theme=dark]", ":root:not([data-theme=light])"
    return (
        f":root{{color-scheme:light}}{css_variables()}@media screen{{{asked}{{{dark}}}}}\n"
        f"@media screen and (prefers-color-scheme:dark){{{system}{{{dark}}}}}\n"
    )
