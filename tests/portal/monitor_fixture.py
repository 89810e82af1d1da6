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


def workspace_of(factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the demonstration workspace that a test may write into."""
    made = made_once(factory, "monitor-demonstration", make)
    folder = factory.mktemp("monitor-portal") / "workspace"
    shutil.copytree(made / "workspace", folder)
    (folder / "alerts.yaml").write_text(ALERTS, encoding="utf-8")
    run("cases", "--search", "--rate", "0.5", "--month", "2024-07", "--workspace", folder)
    run("alerts", "--rules", folder / "alerts.yaml", "--month", "2024-07", "--workspace", folder)
    return folder
