"""The reference of the API shows every operation of its description, and finds them by subject and words."""

from __future__ import annotations

from html import unescape
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tanlu.portal.api_reference import METHODS, operations, type_of


def _description(client: TestClient) -> dict[str, Any]:
    found: dict[str, Any] = client.get("/api/v1/openapi.json").json()
    return found


def _pairs(description: dict[str, Any]) -> set[tuple[str, str]]:
    return {(m.upper(), path) for path, methods in description["paths"].items() for m in methods if m in METHODS}


def test_every_operation_of_the_description_is_read(client: TestClient) -> None:
    description = _description(client)
    found = operations(description)
    assert {(o.method, o.path) for o in found} == _pairs(description)
    assert len({o.id for o in found}) == len(found)


@pytest.mark.parametrize("address", ["/docs", "/en/docs"])
def test_the_page_lists_all_of_them(client: TestClient, address: str) -> None:
    page = client.get(address)
    assert page.status_code == 200
    text = unescape(page.text)
    assert [o.id for o in operations(_description(client)) if f"#{o.id}" not in text] == []


def test_each_subject_shows_parameters_and_fields_of_its_operations(client: TestClient) -> None:
    description = _description(client)
    for tag in {o.tag for o in operations(description)}:
        page = client.get("/en/docs", params={"tag": tag})
        assert page.status_code == 200
        text = unescape(page.text)
        for operation in (o for o in operations(description) if o.tag == tag):
            assert f'id="{operation.id}"' in text
            assert [p.name for p in operation.parameters if f"<code>{p.name}</code>" not in text] == []


def test_words_find_operations(client: TestClient) -> None:
    page = client.get("/en/docs", params={"q": "notation key"}).text
    assert 'id="get_inventory"' in page
    assert 'id="get_webhooks"' not in page


def test_nothing_found_leads_back(client: TestClient) -> None:
    page = client.get("/en/docs", params={"q": "<script>xyzzy"})
    assert page.status_code == 200
    assert "<script>xyzzy" not in page.text
    assert "There is no such operation." in page.text


def test_examples_can_be_opened(client: TestClient) -> None:
    """Public ones answer; those of the system of record say that this workspace has none (422), or that the example is not in it (404)."""
    asked = {o.example: o.tag for o in operations(_description(client)) if o.example}
    answers = {path: client.get(path).status_code for path in asked}
    public = ("runs", "results", "inventory", "uncertainty", "targets", "factors", "methods", "reports", "open data")
    assert [(p, s) for p, s in answers.items() if asked[p] in public and s != 200] == []
    assert [(p, s) for p, s in answers.items() if s not in (200, 401, 403, 404, 422)] == []


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({"type": "integer", "minimum": 1, "maximum": 10}, "integer 1…10"),
        ({"anyOf": [{"type": "string", "format": "date"}, {"type": "null"}]}, "string (date) | null"),
        ({"enum": ["zh", "en"]}, '"zh" | "en"'),
        ({"type": "array", "items": {"$ref": "#/components/schemas/Person"}}, "[Person]"),
        ({"type": "object", "additionalProperties": {"type": "number"}}, "{…: number}"),
        ({}, "any"),
    ],
)
def test_types_are_told_in_words_of_json(schema: dict[str, Any], words: str) -> None:
    assert type_of(schema) == words
