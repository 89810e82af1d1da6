"""A process that serves pages of monitoring leaves the files of facts to another one, and answers the same."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import pytest
from starlette.testclient import TestClient
from tests.portal.monitor_fixture import workspace_of

from tanlu.monitor.ledger import Ledger
from tanlu.portal import create_app

SERVED = """
import json, sys
from pathlib import Path
from starlette.testclient import TestClient
from tanlu.core.companion import Companion
from tanlu.portal import create_app

portal = TestClient(create_app(Path(sys.argv[1]), Companion()), raise_server_exceptions=False)
answers = [(a.status_code, a.content.hex()) for a in map(portal.get, sys.argv[2:])]
print(json.dumps({"answers": answers, "arrow": "pyarrow" in sys.modules}))
"""


@pytest.mark.thorough
def test_pages_charts_and_files_of_monitoring_are_the_same_without_arrow_in_the_process_that_serves(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    workspace = workspace_of(tmp_path_factory)
    portal = TestClient(create_app(workspace))
    enterprise = portal.get("/api/v1/monitor/energy", params={"limit": 1}).json()[0]["id"]
    registry = Ledger.open(workspace / "ledger", read_only=True).registry
    meter = next(m.id for m in registry.meters_of(enterprise) if m.counted)
    asked = [
        "/api/v1/monitor/emissions", "/api/v1/monitor/places", "/api/v1/monitor/live", "/api/v1/monitor/energy?limit=50",
        f"/api/v1/monitor/energy/{enterprise}", f"/api/v1/monitor/readings?id={meter}", f"/api/v1/charts/monitor-load.json?id={enterprise}",
        f"/api/v1/charts/monitor-meter.json?id={meter}", f"/monitor/meter?id={meter}", f"/monitor/energy/{enterprise}",
        "/api/v1/monitor/places?format=parquet", "/monitor/unit",
    ]  # fmt: skip
    told = subprocess.run(
        [sys.executable, "-c", SERVED, str(workspace), *asked], capture_output=True, text=True, check=False
    )
    assert told.returncode == 0, told.stderr
    beside = json.loads(told.stdout)
    assert not beside["arrow"]
    for address, (status, content) in zip(asked, beside["answers"], strict=True):
        mine = portal.get(address)
        assert (address, status) == (address, mine.status_code) and status == 200
        assert bytes.fromhex(content) == mine.content or rounded(bytes.fromhex(content).decode()) == rounded(mine.text)


def rounded(text: str) -> str:
    """Return a text whose fractions have nine figures: sums of threads differ in the last ones. Tokens of forms are made anew."""
    short = re.sub(r"\d+\.\d+(e[-+]\d+)?", lambda n: f"{float(n[0]):.9g}", text)
    return re.sub(r'name="form_token" value="\w+"', "", short)
