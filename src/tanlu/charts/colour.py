"""Contrast and colour distance, as a person with and without colour-vision deficiency sees them.

References
----------
.. [1] W3C, Web Content Accessibility Guidelines 2.1, "relative luminance" and "contrast ratio".
.. [2] F. Viénot, H. Brettel, J. D. Mollon (1999), Digital video colourmaps for checking the legibility of displays by dichromats,
   Color Research and Application 24(4), 243-252 (protanopia, deuteranopia).
.. [3] G. M. Machado, M. M. Oliveira, L. A. F. Fernandes (2009), A physiologically-based model for simulation of color vision
   deficiency, IEEE TVCG 15(6), 1291-1298 (tritanopia, severity 1).
.. [4] CIE 15:2004, CIELAB and the 1976 colour difference.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

Vision = Literal["normal", "protanopia", "deuteranopia", "tritanopia"]
Triple = tuple[float, float, float]
Matrix = tuple[Triple, Triple, Triple]

VISIONS: Final[tuple[Vision, ...]] = ("normal", "protanopia", "deuteranopia", "tritanopia")

_SIMULATION: Final[dict[Vision, Matrix]] = {
    "normal": ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)),
    "protanopia": ((0.11238, 0.88762, 0.0), (0.11238, 0.88762, 0.0), (0.00401, -0.00401, 1.0)),
    "deuteranopia": ((0.29275, 0.70725, 0.0), (0.29275, 0.70725, 0.0), (-0.02234, 0.02234, 1.0)),
    "tritanopia": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}
"""Matrices on linear RGB."""

_TO_XYZ: Final[Matrix] = (
    (0.4124564, 0.3575761, 0.1804375),
    (0.2126729, 0.7151522, 0.0721750),
    (0.0193339, 0.1191920, 0.9503041),
)
_WHITE: Final[Triple] = (0.95047, 1.0, 1.08883)


def _times(matrix: Matrix, vector: Sequence[float]) -> Triple:
    a, b, c = (sum(m * v for m, v in zip(row, vector, strict=True)) for row in matrix)
    return a, b, c


def linear_rgb(colour: str) -> Triple:
    """Return the linear-light RGB (0 to 1) of ``#RRGGBB``."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return r, g, b


def contrast(first: str, second: str) -> float:
    """Return the WCAG contrast ratio of two colours, 1 to 21 [1]_."""
    one, two = (_times(_TO_XYZ, linear_rgb(colour))[1] for colour in (first, second))
    return (max(one, two) + 0.05) / (min(one, two) + 0.05)


def lab(colour: str, vision: Vision = "normal") -> Triple:
    """Return CIELAB (D65) of a colour as seen with the given vision [2]_ [3]_ [4]_."""
    seen = [min(1.0, max(0.0, c)) for c in _times(_SIMULATION[vision], linear_rgb(colour))]
    x, y, z = (_cube_root(v / w) for v, w in zip(_times(_TO_XYZ, seen), _WHITE, strict=True))
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def _cube_root(ratio: float) -> float:
    limit = 6 / 29
    return float(ratio ** (1 / 3)) if ratio > limit**3 else ratio / (3 * limit**2) + 4 / 29


def distance(first: str, second: str, vision: Vision = "normal") -> float:
    """Return the CIE 1976 colour difference of two colours as seen with the given vision."""
    squares = ((a - b) ** 2 for a, b in zip(lab(first, vision), lab(second, vision), strict=True))
    return float(sum(squares) ** 0.5)
