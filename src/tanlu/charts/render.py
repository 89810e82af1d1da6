"""Pictures from specifications, without a browser or a network: in this process, or beside it where it is to stay small."""

from __future__ import annotations

import json
import re
from typing import Any, Final

from tanlu.charts.base import Spec
from tanlu.core.companion import Beside

WIDTH: Final = 880
"""Width of a picture [px] whose specification leaves the width to its container."""
_CROSS: Final = "\u2715", "\u00d7"
"""A cross that the rasteriser finds in no font but a bold one, with all that follows it, and the one it draws instead."""

_TEXT: Final = re.compile(r">([^<>]*[₀-₉][^<>]*)<")
_SUBSCRIPT: Final = re.compile(r"[₀-₉]")
_ID: Final = re.compile(r'(\bid="|url\(#|href="#)([A-Za-z][\w-]*)')

BESIDE: Final = Beside()
"""Where pictures are drawn: the engine holds more memory than all pages of a portal together."""


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
    svg = _drawn("svg", _fixed(spec, width))
    names: dict[str, str] = {}

    def renamed(match: re.Match[str]) -> str:
        return match.group(1) + names.setdefault(match.group(2), f"{prefix}part{len(names) + 1}")

    return _ID.sub(renamed, svg)


def to_png(spec: Spec, width: int = WIDTH, scale: float = 2.0) -> bytes:
    """Return a picture as PNG with ``scale`` pixels for one of the specification.

    Subscript digits become lowered small digits first: common CJK fonts lack them, and the rasteriser would set the whole line in
    another font.
    """
    png: bytes = _drawn("png", _TEXT.sub(_lowered, to_svg(spec, width)).replace(*_CROSS), scale)
    return png


def to_pdf(spec: Spec, width: int = WIDTH) -> bytes:
    """Return a picture as PDF with selectable text."""
    pdf: bytes = _drawn("pdf", _TEXT.sub(_lowered, to_svg(spec, width)))
    return pdf


def drawn(form: str, text: str, scale: float = 1.0) -> str | bytes:
    """Return a specification as SVG, or an SVG as PNG or PDF, drawn in this process.

    Parameters
    ----------
    form : {"svg", "png", "pdf"}
    text : str
        Specification as JSON for SVG, otherwise the SVG.
    scale : float
        Pixels of a PNG for one of the picture.
    """
    import vl_convert

    made: str | bytes
    if form == "svg":
        made = vl_convert.vegalite_to_svg(text, allowed_base_urls=[])
    elif form == "png":
        made = vl_convert.svg_to_png(text, scale=scale)
    else:
        made = vl_convert.svg_to_pdf(text)
    return made


def _drawn(form: str, text: str, scale: float = 1.0) -> Any:
    return BESIDE.do(drawn, form, text, scale)


def _lowered(match: re.Match[str]) -> str:
    def digit(found: re.Match[str]) -> str:
        return f'<tspan baseline-shift="sub" font-size="75%">{ord(found.group()) - 0x2080}</tspan>'

    return ">" + _SUBSCRIPT.sub(digit, match.group(1)) + "<"
