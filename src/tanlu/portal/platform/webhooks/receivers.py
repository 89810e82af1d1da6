"""Where messages may go: public addresses over TLS; this machine and networks inside the house only if ``tanlu.toml`` says so.

A name is looked up once for each attempt and the connection goes to the address that was checked, so that a name that changes its mind
between check and use reaches nothing inside (server-side request forgery by DNS rebinding). Redirects are not followed.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final
from urllib.parse import urlsplit

from tanlu.core.errors import Problem
from tanlu.portal.platform.settings import WebhookSettings

LONGEST: Final = 500
TIMEOUT: Final = 10.0
"""Seconds for the connection, and for each read."""
NAT64: Final = ip_network("64:ff9b::/96")
Address = IPv4Address | IPv6Address
Lookup = Callable[[str, int], Sequence[str]]


class ReceiverError(Exception):
    """A message cannot be sent to its receiver; ``problem`` says why."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        super().__init__(problem.text("en"))


@dataclass(frozen=True, slots=True)
class Reply:
    """What a receiver answered."""

    status: int
    retry_after: float | None = None


def look_up(host: str, port: int) -> Sequence[str]:
    """Return the addresses of a name."""
    return [str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def url_problems(url: str, settings: WebhookSettings) -> list[Problem]:
    """Return what is wrong with the address of a receiver, before any name is looked up."""

    def wrong(code: str) -> list[Problem]:
        return [Problem(code, "webhook", field="url", value=url[:120])]

    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return wrong("webhook_url")
    clean = url.isascii() and url.isprintable() and " " not in url and len(url) <= LONGEST
    if not clean or parts.scheme not in ("https", "http") or not host or port == 0:
        return wrong("webhook_url")
    if parts.username is not None or parts.password is not None or parts.fragment:
        return wrong("webhook_url_parts")
    literal = _literal(host)
    if parts.scheme == "http" and not (
        settings.allow_local and (host == "localhost" or (literal and literal.is_loopback))
    ):
        return wrong("webhook_url_plain")
    if literal and not allowed(literal, settings):
        return wrong("webhook_url_inside")
    return []


def allowed(address: Address, settings: WebhookSettings) -> bool:
    """Return whether messages may go to an address.

    Addresses that carry another one (IPv4 in IPv6, 6to4, Teredo, NAT64) are judged by the one that they carry.
    """
    for carried in _carried(address):
        if not allowed(carried, settings):
            return False
    if address.is_loopback:
        return settings.allow_local
    inside = any(address in network for network in settings.allow_private if network.version == address.version)
    return inside or (address.is_global and not address.is_multicast and not address.is_reserved) or _is_mapped(address)


def _is_mapped(address: Address) -> bool:
    return isinstance(address, IPv6Address) and address.ipv4_mapped is not None


def _carried(address: Address) -> list[IPv4Address]:
    if isinstance(address, IPv4Address):
        return []
    found = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
    if address in NAT64:
        found.append(IPv4Address(int(address) & 0xFFFFFFFF))
    return [a for a in found if a is not None]


def _literal(host: str) -> Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def post(url: str, body: bytes, headers: dict[str, str], settings: WebhookSettings, lookup: Lookup = look_up) -> Reply:
    """Send a message and return what was answered.

    Raises
    ------
    ReceiverError
        If the address may not be reached, or could not.
    """
    problems = url_problems(url, settings)
    if problems:
        raise ReceiverError(problems[0])
    parts = urlsplit(url)
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        address = _checked(url, lookup(host, port), settings)
        connection = _connection(parts.scheme, host, port, address)
        try:
            connection.request(
                "POST", target, body, {**headers, "content-type": "application/json", "user-agent": "tanlu"}
            )
            answer = connection.getresponse()
            return Reply(answer.status, _seconds(answer.getheader("retry-after", "")))
        finally:
            connection.close()
    except (OSError, HTTPException, UnicodeError) as error:
        reason = {"reason": f"{type(error).__name__}: {error}"[:200]}
        raise ReceiverError(Problem(_code(error), "webhook", field="url", value=url[:120], details=reason)) from None


def _code(error: Exception) -> str:
    """Return the code of what kept a message from its receiver; what is rare is told in the words of the system."""
    # a fault of the certificate and a name that is not known are faults of the system too, so they are asked first
    known: dict[type[Exception], str] = {
        ssl.SSLError: "webhook_untrusted", socket.gaierror: "webhook_unknown_host", ConnectionRefusedError: "webhook_no_answer",
        TimeoutError: "webhook_slow",
    }  # fmt: skip
    return next((code for kind, code in known.items() if isinstance(error, kind)), "webhook_unreached")


def _checked(url: str, addresses: Sequence[str], settings: WebhookSettings) -> str:
    """Return the first of the addresses of a name; one that is not allowed spoils all of them."""
    if not addresses or not all(allowed(ip_address(a.partition("%")[0]), settings) for a in addresses):
        raise ReceiverError(Problem("webhook_url_inside", "webhook", field="url", value=url[:120]))
    return addresses[0]


def _connection(scheme: str, host: str, port: int, address: str) -> HTTPConnection:
    """Return a connection to an address that speaks for a name."""
    made: HTTPConnection
    if scheme == "https":
        made = HTTPSConnection(host, port, timeout=TIMEOUT)
        plain = socket.create_connection((address, port), TIMEOUT)
        try:
            made.sock = ssl.create_default_context().wrap_socket(plain, server_hostname=host)
        except (OSError, ssl.SSLError):
            plain.close()
            raise
    else:
        made = HTTPConnection(host, port, timeout=TIMEOUT)
        made.sock = socket.create_connection((address, port), TIMEOUT)
    return made


def _seconds(text: str) -> float | None:
    return float(text) if text.isdecimal() and len(text) < 7 else None
