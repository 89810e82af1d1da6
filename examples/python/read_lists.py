"""Read lists of the API page by page, with the standard library alone.

python examples/python/read_lists.py http://127.0.0.1:8350
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode, urljoin
from urllib.request import Request, urlopen


def next_page(link: str) -> str:
    """Return the address of the next page from a ``Link`` header; empty on the last page."""
    for part in link.split(", <"):
        if part.endswith('rel="next"'):
            return part.split(">")[0].lstrip("<")
    return ""


def rows(server: str, name: str, token: str = "", **filters: object) -> Iterator[dict[str, Any]]:
    """Yield the rows of a list; a token is needed only for what is not public."""
    address = f"{server}/api/v1/{name}?{urlencode({'limit': 1000, **filters})}"
    while address:
        request = Request(address, headers={"accept": "application/json"})
        if token:
            request.add_header("authorization", f"Bearer {token}")
        with urlopen(request, timeout=60) as answer:
            yield from json.load(answer)
            link = next_page(answer.headers.get("link", ""))
        address = urljoin(address, link) if link else ""


def main(server: str) -> None:
    """Print total emissions by year, and the categories with the most methane in the last year."""
    totals = list(rows(server, "totals", scope="co2", sort="year"))
    for row in totals:
        print(row["year"], f"{row['value']:,.0f}", row["unit"])
    last = totals[-1]["year"]
    for row in list(rows(server, "inventory", year=last, gas="CH4", sort="-value"))[:3]:
        print(row["category"], row["value"], row["unit"], row["id"])


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8350")
