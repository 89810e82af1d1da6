"""Masses of carbon dioxide on the terminal, in the unit that readers of the language expect: 万吨 in Chinese, Mt in English."""

from __future__ import annotations


def tonnes_unit(language: str) -> str:
    """Return the unit in which `tonnes` tells a mass."""
    from tanlu.charts.format import scale

    return scale("Mt", language)[1]


def tonnes(value: float, language: str, places: int = 1, *, signed: bool = False) -> str:
    """Return a mass as text, without its unit.

    Parameters
    ----------
    value : float
        Mass [Mt].
    language : {"zh", "en"}
    places : int
        Decimals in Mt; 万吨 are a hundred times as many and have two decimals less.
    signed : bool
        Whether a rise has a plus sign, as in a difference.
    """
    from tanlu.charts.format import MINUS, scale

    factor = scale("Mt", language)[0]
    kept = max(0, places - 2) if factor > 1 else places
    text = f"{value * factor:{'+' if signed else ''},.{kept}f}"
    # a value that rounds to nothing has no sign
    return text.lstrip("+-") if not text.strip("+-0,.") else text.replace("-", MINUS)
