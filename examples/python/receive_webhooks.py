"""Receive webhooks and check their signature (Standard Webhooks 1.0), with the standard library alone.

TANLU_WEBHOOK_SECRET=whsec_… python examples/python/receive_webhooks.py 8400
"""

from __future__ import annotations

import base64
import hmac
import json
import os
import sys
import time
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, HTTPServer

TOLERANCE = 300
"""Seconds by which clocks may differ; older messages may be replayed ones."""


def genuine(secret: str, message_id: str, timestamp: str, signatures: str, body: bytes, now: float) -> bool:
    """Return whether a message comes from who has the secret, and is fresh."""
    if not timestamp.isdecimal() or abs(now - int(timestamp)) > TOLERANCE:
        return False
    key = base64.b64decode(secret.removeprefix("whsec_"))
    wanted = base64.b64encode(hmac.digest(key, f"{message_id}.{timestamp}.".encode() + body, sha256)).decode()
    return any(hmac.compare_digest(f"v1,{wanted}", given) for given in signatures.split(" "))


class Receiver(BaseHTTPRequestHandler):
    """Prints what it is told; a message that is not genuine gets 401, one that it has already is acknowledged again."""

    seen: set[str] = set()  # noqa: RUF012

    def do_POST(self) -> None:
        """Take a message."""
        body = self.rfile.read(int(self.headers.get("content-length", "0")))
        given = [self.headers.get(f"webhook-{name}", "") for name in ("id", "timestamp", "signature")]
        if not genuine(os.environ["TANLU_WEBHOOK_SECRET"], *given, body, time.time()):
            self.send_response(401)
            self.end_headers()
            return
        if given[0] not in self.seen:
            self.seen.add(given[0])
            print(json.dumps(json.loads(body), ensure_ascii=False), flush=True)
        self.send_response(204)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing beside the messages."""


if __name__ == "__main__":
    HTTPServer(("127.0.0.1", int(sys.argv[1]) if len(sys.argv) > 1 else 8400), Receiver).serve_forever()
