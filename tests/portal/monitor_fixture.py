"""A workspace with the readings of a demonstration fleet, one case and two alerts, behind the portal."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from tests.monitor.test_fleet_ledger import make, run
from tests.sharing import made_once

ALERTS = """\
thresholds:
  - {id: day, zh: 全省日电量, en: electricity of a day, where: hunan, quantity: electricity, period: day, above: 1, severity: high}
  - {id: hour, zh: 全省小时电量, en: electricity of an hour, where: hunan, quantity: electricity, period: hour, above: 1, severity: low}
"""


def make_workspace(folder: Path, factory: pytest.TempPathFactory) -> None:
    made = made_once(factory, "monitor-demonstration", make)
    shutil.copytree(made / "workspace", folder)
    tables = ("--sites", made / "fleet" / "sites.csv", "--temperature", made / "fleet" / "temperature.csv")
    run("energy", *tables, "--workspace", folder)
    (folder / "alerts.yaml").write_text(ALERTS, encoding="utf-8")
    run("cases", "--search", "--rate", "0.5", "--month", "2024-07", "--workspace", folder)
    run("alerts", "--rules", folder / "alerts.yaml", "--month", "2024-07", "--workspace", folder)


def workspace_of(factory: pytest.TempPathFactory) -> Path:
    """Return a workspace with cases and alerts, made once for all test processes; who writes into it takes a copy."""
    return made_once(factory, "monitor-portal", lambda folder: make_workspace(folder, factory))
