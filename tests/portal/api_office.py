"""People of an office who work through the API, each with a token, and a clock that tests move."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from fastapi.testclient import TestClient
from httpx import Response
from tests.portal.office import AWAY, HOME, Office, open_office

from tanlu.records import issue_token, load_principal

SHANGHAI = ZoneInfo("Asia/Shanghai")
START = datetime(2025, 3, 3, 9, 0, tzinfo=SHANGHAI)
PDF = b"%PDF-1.7 report"


@dataclass
class ApiOffice:
    """An office whose people have tokens for all that they may do."""

    office: Office
    now: datetime = START
    tokens: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.client = TestClient(self.office.app, follow_redirects=False)
        self.records.database.clock = lambda: self.now.astimezone(ZoneInfo("UTC"))

    @property
    def records(self) -> Any:
        return self.office.records

    def wait(self, **span: int) -> None:
        """Let time pass."""
        self.now += timedelta(**span)

    def token(self, who: str, *actions: str) -> str:
        """Return a token of somebody, for all that they may do or for some of it; fresh ones for some."""
        if who in self.tokens and not actions:
            return self.tokens[who]
        person = self.office.people[who]
        with self.records.database.read() as session:
            principal = load_principal(session, person, self.now.date())
        allowed = [a for a in self.records.rights.table if self.records.rights.allows(principal, a)]
        with self.records.database.change(person, "token.issue", f"person:{person}") as change:
            made = issue_token(change, person, "test", actions or allowed, change.at + timedelta(days=360))
        if not actions:
            self.tokens[who] = made
        return made

    def ask(
        self, who: str, method: str, path: str, body: Any = None, *, key: str = "", version: str = "", **more: Any
    ) -> Response:
        """Send a request as somebody, as the public without a name."""
        headers = {"authorization": f"Bearer {self.token(who)}"} if who else {}
        headers |= {"idempotency-key": key} if key else {}
        headers |= {"if-match": version} if version else {}
        content = {"json": body} if body is not None else {}
        return self.client.request(method, f"/api/v1{path}", headers=headers, **content, **more)

    def get(self, who: str, path: str, **query: Any) -> Any:
        """Return what somebody reads."""
        answer = self.ask(who, "GET", path, params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post(self, who: str, path: str, body: Any = None, *, method: str = "POST", **more: Any) -> Any:
        """Do something that must succeed, and return the answer."""
        answer = self.ask(who, method, path, {} if body is None else body, **more)
        assert answer.status_code in (200, 201), answer.text
        return answer.json()

    def upload(self, who: str, content: bytes = PDF, name: str = "report.pdf") -> str:
        """Send a file and return the id of the upload."""
        answer = self.ask(who, "POST", "/uploads", params={"name": name}, content=content)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def let_in(self, name: str, zh: str, region: str, **role: Any) -> str:
        """Let a person in through the API, in a unit of their own, and return the id."""
        unit = self.post(
            "officer" if region.startswith("hunan") else "admin", "/records/organisations",
            {"zh": f"{zh}的单位", "kind": "university", "region": region, "valid_from": "2020-01-01"},
        )  # fmt: skip
        person = self.post("admin", "/records/people", {"zh": zh, "organisation_id": unit["id"]})["id"]
        if role:
            self.post("admin", "/records/roles", {"person_id": person, "valid_from": "2020-01-01", **role})
        self.office.people[name] = person
        return str(person)


def open_api_office(folder: Path) -> ApiOffice:
    """Make the workspace and its portal."""
    return ApiOffice(open_office(folder))


CALL: dict[str, Any] = {
    "kind": "guideline", "year": 2025, "region": "hunan", "zh": "低碳炼钢", "en": "low-carbon steel", "text_zh": "正文", "text_en": "text",
    "pot": "5000000", "largest_grant": "2000000", "deadline": "2025-04-15T17:00:00+08:00", "recommend_until": "2025-04-22T17:00:00+08:00",
    "technologies": ["T01-K01", "T02-K02"], "panel_size": 3,
    "targets": [{"code": "co2", "zh": "年减排量", "en": "yearly abatement", "unit": "t", "target": "1000"}],
}  # fmt: skip


def published_call(desk: ApiOffice, **other: Any) -> str:
    """Bring a call to where it takes applications, and return its id."""
    call = desk.post("officer", "/programme/calls", CALL | other)["id"]
    for who, step in (("officer", "submit"), ("second", "approve"), ("officer", "publish")):
        desk.post(who, f"/programme/calls/{call}/steps", {"transition": step})
    return str(call)


def form_of(desk: ApiOffice, pi: str, unit: str = "unit", **basics: Any) -> dict[str, Any]:
    """Return a form that passes every rule: 300,000 direct of which 100,000 equipment, indirect 60,000 = 30 % of 200,000."""
    return {
        "basics": {"zh": "氢基竖炉", "en": "hydrogen shaft furnace", "summary": "内容", "months": 24} | basics,
        "team": {"lead_id": desk.office.units[unit], "pi_id": pi},
        "technologies": {"T01-K01": ["4", "7"]},
        "targets": {"co2": "1200"},
        "budget": {"equipment": ["100000", "0"], "business": ["200000", "50000"], "indirect": ["60000", "0"]},
        "declarations": {"accepts_gate": True, "holding_percent": 0},
    }  # fmt: skip


def home_person(desk: ApiOffice, zh: str) -> str:
    """Return a fresh person of the unit ``unit``."""
    return str(desk.post("unit", "/records/people", {"zh": zh, "organisation_id": desk.office.units["unit"]})["id"])


__all__ = ["AWAY", "CALL", "HOME", "PDF", "ApiOffice", "form_of", "home_person", "open_api_office", "published_call"]
