"""Ask again without carrying the answer twice: keep the ETag and send it back; 304 means that nothing has changed.

python examples/python/ask_again.py http://127.0.0.1:8350
"""

from __future__ import annotations

import sys
from urllib.error import HTTPError
from urllib.request import Request, urlopen


def ask(address: str, tag: str = "") -> tuple[int, str, bytes]:
    """Return status, tag and content of an answer."""
    request = Request(address, headers={"if-none-match": tag} if tag else {})
    try:
        with urlopen(request, timeout=60) as answer:
            return answer.status, answer.headers["etag"], answer.read()
    except HTTPError as error:
        if error.code != 304:
            raise
        return 304, tag, b""


def main(server: str) -> None:
    """Ask twice for the inventory as Parquet."""
    address = f"{server}/api/v1/inventory?format=parquet"
    status, tag, content = ask(address)
    print(status, len(content), "bytes")
    status, tag, content = ask(address, tag)
    print(status, len(content), "bytes")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8350")
