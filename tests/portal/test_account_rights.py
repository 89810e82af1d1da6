"""Accounts that were kept where people sign in: whoever kept one sees it, so do those who oversee the province, and nobody else does."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient
from tests.portal.office import Office, open_office
from tests.portal.test_portal_accounting import GOOD, send

from tanlu.portal.session.forgery import API_HEADER

API = "/api/v1/accounts"
OVERSEEING = ("officer", "auditor", "admin")


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    made = open_office(tmp_path_factory.mktemp("office") / "work")
    yield made
    made.records.close()


@pytest.fixture(scope="module")
def key(office: Office) -> str:
    """An account that one unit has kept."""
    answer = send(office.client("unit"), ("works.csv", GOOD.encode()), action="keep")
    assert answer.status_code == 303, answer.text
    return answer.headers["location"].rpartition("/")[2]


def addresses(key: str) -> list[str]:
    return [
        f"/account/{key}", f"/en/account/{key}", f"/account/{key}/number?id=x", f"{API}/{key}", f"{API}/{key}/tables/results",
        f"{API}/{key}/chain?id=x", f"{API}/{key}/inventory.xlsx", f"{API}/{key}/results.csv", f"{API}/{key}/folder.zip",
        f"{API}/{key}/report?format=docx",
    ]  # fmt: skip


def listed(client: TestClient) -> list[str]:
    return [row["key"] for row in client.get(API).json()]


def test_who_kept_an_account_and_who_oversees_the_province_see_it(office: Office, key: str) -> None:
    for who in ("unit", *OVERSEEING):
        client = office.client(who)
        assert client.get(f"/account/{key}").status_code == client.get(f"{API}/{key}").status_code == 200, who
        assert key in listed(client)
        assert key in client.get("/account").text


def test_the_public_is_asked_to_sign_in_and_others_do_not_learn_that_it_is_there(office: Office, key: str) -> None:
    for address in addresses(key):
        assert office.client().get(address).status_code == 401, address
        for who in ("other_unit", "expert", "broker", "bureau"):
            assert office.client(who).get(address).status_code == 404, (who, address)
    for who in ("", "other_unit"):
        assert listed(office.client(who)) == [] and key not in office.client(who).get("/account").text


def test_two_who_send_the_same_files_both_see_the_account(office: Office) -> None:
    other = GOOD.replace(",800,", ",900,").encode()
    shared = {
        send(office.client(who), ("same.csv", other), action="keep").headers["location"] for who in ("expert", "broker")
    }
    assert len(shared) == 1
    key = shared.pop().rpartition("/")[2]
    assert listed(office.client("expert")) == listed(office.client("broker")) == [key]
    assert key not in listed(office.client("unit"))


def test_the_public_may_check_and_keeps_nothing(office: Office, key: str) -> None:
    public = office.client()
    page = public.get("/account").text
    assert 'value="check"' in page and 'value="keep"' not in page
    checked = send(public, ("works.csv", GOOD.encode()), action="check", language="en").text
    assert "sign in, choose the files again" in checked and 'href="/en/login?next=' in checked
    assert send(public, ("works.csv", GOOD.encode())).status_code == 200
    assert send(public, ("works.csv", GOOD.encode()), action="keep").status_code == 401
    files = {"files": ("works.csv", GOOD.encode())}
    asked = {"data": {"set": "cn-enterprise"}, "files": files, "headers": {API_HEADER: "test"}}
    assert public.post(API, **asked).status_code == 200
    assert public.post(f"{API}?keep=true", **asked).status_code == 401
