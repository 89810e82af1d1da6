"""What ``tanlu.toml`` says of the API: ``[api]`` limits of use, ``[webhooks]`` where messages may go.

::

    [api]
    rate_per_minute = 1200     # requests that an address or a token may make, in the long run; 0 for no limit
    burst = 1200               # requests at once
    limit_local = false        # whether 127.0.0.1 is counted too

    [webhooks]
    allow_local = false        # http://127.0.0.1 as receiver
    allow_private = []         # networks inside the house that may be receivers, for example ["10.20.0.0/16"]
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any, Final

from tanlu.core.errors import DataError, Problem
from tanlu.workspace import CONFIG

RATE_PER_MINUTE: Final = 1200
BURST: Final = 1200
MOST: Final = 1_000_000
Network = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True)
class ApiSettings:
    """``[api]``; see the head of the module."""

    rate_per_minute: int = RATE_PER_MINUTE
    burst: int = BURST
    limit_local: bool = False


@dataclass(frozen=True, slots=True)
class WebhookSettings:
    """``[webhooks]``; see the head of the module."""

    allow_local: bool = False
    allow_private: tuple[Network, ...] = ()


def read_api_settings(folder: Path) -> ApiSettings:
    """Read ``[api]`` of a workspace; defaults where there is no file.

    Raises
    ------
    DataError
        With every setting that cannot be used.
    """
    part, problems = _part(folder, "api", {"rate_per_minute", "burst", "limit_local"})
    rate = _whole(part, "api.rate_per_minute", RATE_PER_MINUTE, 0, problems)
    burst = _whole(part, "api.burst", max(1, rate) if "rate_per_minute" in part else BURST, 1, problems)
    local = _truth(part, "api.limit_local", problems)
    if problems:
        raise DataError(problems)
    return ApiSettings(rate, burst, local)


def read_webhook_settings(folder: Path) -> WebhookSettings:
    """Read ``[webhooks]`` of a workspace; defaults where there is no file.

    Raises
    ------
    DataError
        With every setting that cannot be used.
    """
    part, problems = _part(folder, "webhooks", {"allow_local", "allow_private"})
    local, networks = _truth(part, "webhooks.allow_local", problems), []
    given = part.get("allow_private", [])
    for text in given if isinstance(given, list) else [given]:
        try:
            networks.append(ip_network(str(text)))
        except ValueError as error:
            details = {"reason": str(error)}
            problems.append(
                Problem("not_a_network", CONFIG, field="webhooks.allow_private", value=str(text)[:60], details=details)
            )
    if problems:
        raise DataError(problems)
    return WebhookSettings(local, tuple(networks))


def _part(folder: Path, name: str, known: set[str]) -> tuple[Mapping[str, Any], list[Problem]]:
    path = folder / CONFIG
    if not path.is_file():
        return {}, []
    try:
        written = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise DataError([Problem("not_toml", CONFIG, details={"reason": str(error)})]) from None
    part = written.get(name, {})
    if not isinstance(part, dict):
        raise DataError([Problem("not_a_mapping", CONFIG, field=name, value=str(part)[:40])])
    allowed = ", ".join(sorted(known))
    unknown = sorted(part.keys() - known)
    return part, [Problem("unknown_key", CONFIG, field=f"{name}.{k}", details={"allowed": allowed}) for k in unknown]


def _whole(part: Mapping[str, Any], field: str, default: int, least: int, problems: list[Problem]) -> int:
    value = part.get(field.partition(".")[2], default)
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= MOST:
        problems.append(Problem("not_an_integer", CONFIG, field=field, value=str(value)[:40]))
        return default
    return value


def _truth(part: Mapping[str, Any], field: str, problems: list[Problem]) -> bool:
    value = part.get(field.partition(".")[2], False)
    if not isinstance(value, bool):
        problems.append(Problem("not_true_or_false", CONFIG, field=field, value=str(value)[:40]))
        return False
    return value
