"""Who acts on cases and alerts where people sign in: officers of the province, under their own name, and nobody else."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from httpx import Response
from tests.portal.monitor_fixture import workspace_of
from tests.portal.office import Office, open_office


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    folder: Path = tmp_path_factory.mktemp("office") / "work"
    made = open_office(folder)
    shutil.copytree(workspace_of(tmp_path_factory) / "ledger", folder / "ledger")
    yield made
    made.records.close()


def matter(office: Office, kind: str) -> str:
    rows = office.client().get(f"/api/v1/monitor/{kind}s").json()
    return f"/monitor/{kind}?id={rows[0]['id']}"


def act(client: TestClient, address: str, action: str) -> Response:
    """Send the form with the token of another page of the visitor: the page may show no form."""
    token = re.search(r'name="form_token" value="([0-9a-f]{64})"', client.get("/account").text)
    assert token is not None
    fields = {"form_token": token[1], "action": action, "person": "Somebody", "note": "seen"}
    return client.post(address, files={name: (None, text) for name, text in fields.items()}, follow_redirects=False)


@pytest.mark.parametrize(("kind", "action"), [("case", "take"), ("alert", "acknowledge")])
def test_officers_of_the_province_act_under_their_own_name_and_nobody_else_does(
    office: Office, kind: str, action: str
) -> None:
    address = matter(office, kind)
    for who in ("", "unit", "expert", "auditor", "bureau"):
        client = office.client(who)
        page = client.get(address)
        assert page.status_code == 200 and 'name="action"' not in page.text, who
        assert act(client, address, action).status_code == 403, who
    assert "Somebody" not in office.client().get(address).text
    officer = office.client("officer")
    assert 'name="action"' in officer.get(address).text
    assert act(officer, address, action).status_code == 303
    after = officer.get(address).text
    assert "Somebody" not in after and "seen" in after


def test_a_scenario_is_saved_in_the_workspace_by_people_who_are_signed_in(office: Office) -> None:
    for who, status in (("", 403), ("unit", 303)):
        client = office.client(who)
        token = re.search(r'name="form_token" value="([0-9a-f]{64})"', client.get("/account").text)
        assert token is not None
        fields = {"form_token": token[1], "s": "", "what": "save", "name": f"mine {who}"}
        files = {name: (None, text) for name, text in fields.items()}
        answer = client.post("/studio", files=files, follow_redirects=False)
        assert (who, answer.status_code) == (who, status), answer.text[:500]
        assert ('name="name"' in client.get("/studio").text) is (status == 303)
