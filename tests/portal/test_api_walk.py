"""Every operation of the description is asked with odd but well-formed values: none fails, and each answer is one that it describes."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient
from tests.portal.api_office import ApiOffice, open_api_office

from tanlu.portal.platform.listing import MOST_ROWS

ODD = (
    "",
    " ",
    "0",
    "-1",
    "null",
    "true",
    "’",
    "低碳",
    "a" * 300,
    "\U0001f600",
    "%00",
    "../..",
    "2024-02-30",
    "=1+1",
    "'; --",
    "1e400",
)
ROLES = ("", "officer", "bureau", "unit", "admin", "auditor")
ROUNDS = 1
SLOW = re.compile("stream|/reports/|studio|pathways|/energy/site|energy-site|/peaks|/levers")
"""What computes for seconds, or answers for ever."""


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiOffice]:
    made = open_api_office(tmp_path_factory.mktemp("walk") / "work")
    yield made
    made.records.close()


class Made:
    """Makes values that fit a schema; what the schema leaves open is chosen oddly."""

    def __init__(self, description: dict[str, Any], seed: int) -> None:
        self.schemas, self.chosen = description["components"]["schemas"], random.Random(seed)

    def value(self, schema: dict[str, Any], depth: int = 0) -> Any:
        """Return a value."""
        chosen = self.chosen
        if "$ref" in schema:
            return self.value(self.schemas[schema["$ref"].rpartition("/")[2]], depth + 1)
        if "enum" in schema:
            return chosen.choice(schema["enum"])
        if "const" in schema:
            return schema["const"]
        if "anyOf" in schema:
            return self.value(chosen.choice(schema["anyOf"]), depth + 1)
        match schema.get("type"):
            case "object":
                return self.record(schema, depth)
            case "array":
                places = schema.get("prefixItems") or [schema.get("items", {})] * chosen.randint(
                    schema.get("minItems", 0), min(2, schema.get("maxItems", 2))
                )
                return [self.value(place, depth + 1) for place in places]
            case "integer":
                low = schema.get("minimum", schema.get("exclusiveMinimum", -3) + 1)
                return chosen.choice([low, low + 1, min(schema.get("maximum", 10**9), MOST_ROWS)])
            case "number":
                return chosen.choice([schema.get("minimum", 0.0), 1.5])
            case "boolean":
                return chosen.random() < 0.5
            case "null":
                return None
        return self.text(schema)

    def text(self, schema: dict[str, Any]) -> str:
        formats = {"date": "2025-03-04", "date-time": "2025-03-04T09:00:00+08:00", "uri": "https://example.org/"}
        fixed = formats.get(schema.get("format", ""))
        if fixed or "pattern" in schema:
            return fixed or "12.50"
        made = self.chosen.choice(ODD)[: schema.get("maxLength", 400)]
        return made.ljust(schema.get("minLength", 0), "x")

    def record(self, schema: dict[str, Any], depth: int) -> dict[str, Any]:
        known = schema.get("properties", {})
        needed = schema.get("required", ())
        found = {
            k: self.value(s, depth + 1)
            for k, s in known.items()
            if k in needed or (depth < 4 and self.chosen.random() < 0.7)
        }
        if not known and isinstance(schema.get("additionalProperties"), dict) and depth < 4:
            found[self.chosen.choice(ODD)] = self.value(schema["additionalProperties"], depth + 1)
        return found


def asked(made: Made, path: str, operation: dict[str, Any]) -> tuple[str, dict[str, Any], Any]:
    """Return address, query and body of a request for an operation."""
    query: dict[str, Any] = {}
    for parameter in operation["parameters"]:
        value = made.value(parameter["schema"])
        if parameter["in"] == "path":
            shown = re.sub(r"[^\w.-]", "x", str(value)) or "x"
            path = path.replace("{" + parameter["name"] + "}", shown)
        elif parameter["in"] == "query" and value is not None and (parameter["required"] or made.chosen.random() < 0.4):
            query[parameter["name"]] = value
    body = operation.get("requestBody", {}).get("content", {}).get("application/json")
    return path, query, None if body is None else made.value(body["schema"])


def test_no_operation_fails_and_each_answer_is_described(desk: ApiOffice) -> None:
    client = TestClient(desk.office.app, raise_server_exceptions=False, follow_redirects=False)
    description = client.get("/api/v1/openapi.json").json()
    wrong: list[str] = []
    for seed in range(ROUNDS):
        made = Made(description, seed)
        for path, methods in description["paths"].items():
            if SLOW.search(path):
                continue
            for method, operation in methods.items():
                address, query, body = asked(made, path, operation)
                who = made.chosen.choice(ROLES)
                headers = {"authorization": f"Bearer {desk.token(who)}"} if who else {}
                answer = client.request(method, address, params=query, json=body, headers=headers)
                told = str(answer.status_code)
                if answer.status_code >= 500 or told not in {*operation["responses"], "304", "406"}:
                    wrong.append(f"{who or 'public'} {method} {address} {query} {body}: {told} {answer.text[:120]}")
    assert not wrong, "\n".join(wrong)


def whole_numbers(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if schema.get("type") == "integer":
        yield schema
    for choice in schema.get("anyOf", ()):
        yield from whole_numbers(choice)


def test_a_whole_number_that_no_database_holds_is_not_a_fault_of_the_server(desk: ApiOffice) -> None:
    """SQLite and PostgreSQL hold 64 bits; JSON Schema and Python know no such end."""
    client = TestClient(desk.office.app, raise_server_exceptions=False, follow_redirects=False)
    description = client.get("/api/v1/openapi.json").json()
    made, wrong = Made(description, 0), list[str]()
    headers = {"authorization": f"Bearer {desk.token('officer')}"}
    for path, methods in description["paths"].items():
        if SLOW.search(path) or "get" not in methods:
            continue
        for parameter in methods["get"]["parameters"]:
            if not any("maximum" not in schema for schema in whole_numbers(parameter["schema"])):
                continue
            address, query, _ = asked(made, path, methods["get"])
            if parameter["in"] == "path":
                address = path.replace("{" + parameter["name"] + "}", str(2**64))
            answer = client.get(address, params={**query, parameter["name"]: 2**64}, headers=headers)
            if answer.status_code >= 500:
                wrong.append(f"{address} {parameter['name']}: {answer.status_code} {answer.text[:120]}")
    assert not wrong, "\n".join(wrong)
