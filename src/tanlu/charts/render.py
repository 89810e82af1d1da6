"""Pictures from specifications, in this process and without a browser or a network."""

from __future__ import annotations

import json
import re
from typing import Final

from tanlu.charts.base import Spec

WIDTH: Final = 900
"""Width of a picture [px] whose specification leaves the width to its container."""

_TEXT: Final = re.compile(r">([^<>]*[₀-₉][^<>]*)<")
_SUBSCRIPT: Final = re.compile(r"[₀-₉]")
_ID: Final = re.compile(r'(\bid="|url\(#|href="#)([A-Za-z][\w-]*)')


def _fixed(spec: Spec, width: int) -> str:
    return json.dumps({**spec, "width": width} if spec.get("width") == "container" else spec)


def to_svg(spec: Spec, width: int = WIDTH, prefix: str = "") -> str:
    """Return a picture as SVG.

    Parameters
    ----------
    spec : dict
        Vega-Lite specification.
    width : int
        Width [px] if the specification fills its container.
    prefix : str
        Put before every id in the picture, so that several pictures can stand in one document. Ids are numbered in the picture: the
        renderer counts through its own life, and the same chart must be the same text.
    """
    import vl_convert

    svg: str = vl_convert.vegalite_to_svg(_fixed(spec, width), allowed_base_urls=[])
    names: dict[str, str] = {}

    def renamed(match: re.Match[str]) -> str:
        return match.group(1) + names.setdefault(match.group(2), f"{prefix}part{len(names) + 1}")

    return _ID.sub(renamed, svg)


def to_png(spec: Spec, width: int = WIDTH, scale: float = 2.0) -> bytes:
    """Return a picture as PNG with ``scale`` pixels for one of the specification.

    Subscript digits become lowered small digits first: common CJK fonts lack them, and the rasteriser would set the whole line in
    another font.
    """
    import vl_convert

    png: bytes = vl_convert.svg_to_png(_TEXT.sub(_lowered, to_svg(spec, width)), scale=scale)
    return png


def to_pdf(spec: Spec, width: int = WIDTH) -> bytes:
    """Return a picture as PDF with selectable text."""
    import vl_convert

    pdf: bytes = vl_convert.svg_to_pdf(_TEXT.sub(_lowered, to_svg(spec, width)))
    return pdf


def _lowered(match: re.Match[str]) -> str:
    def digit(found: re.Match[str]) -> str:
        return f'<tspan baseline-shift="sub" font-size="75%">{ord(found.group()) - 0x2080}</tspan>'

    return ">" + _SUBSCRIPT.sub(digit, match.group(1)) + "<"
