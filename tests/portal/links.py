"""Links of a page to other pages of the portal, and which of them lead nowhere."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from urllib.parse import parse_qsl, urldefrag, urlsplit

from tests.portal.browsing import THOROUGH

OF_A_KIND = 3


def inner_links(page: str) -> set[str]:
    """Return the addresses of this portal that a page leads to; the files of its charts are asked for elsewhere."""
    links = {html.unescape(a) for a in re.findall(r'<a\s[^>]*?\bhref="(/[^"]*)"', page)}
    return {a for a in links if "/charts/" not in a and a != "/report"}


def leading_nowhere(page: str, status: Callable[[str], int]) -> list[str]:
    """Return the links of a page that are not answered with 200.

    Of links that differ in nothing but the number or record they name a few are asked, with ``TANLU_THOROUGH`` all.
    """
    alike: dict[object, list[str]] = {}
    for link in sorted({urldefrag(a).url for a in inner_links(page)}):
        asked = urlsplit(link)
        names = tuple((name, value.partition(":")[0]) for name, value in parse_qsl(asked.query, keep_blank_values=True))
        alike.setdefault((asked.path, names), []).append(link)
    assert alike
    chosen = [a for links in alike.values() for a in links[:: 1 if THOROUGH else -(-len(links) // OF_A_KIND)]]
    return [a for a in chosen if status(a) != 200]
