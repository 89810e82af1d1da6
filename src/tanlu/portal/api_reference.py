"""The reference of the API for readers: operations found by subject or words, each with what it takes and answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from fastapi import Request, Response

from tanlu.portal.addresses import Handler
from tanlu.portal.rendering import Renderer
from tanlu.portal.session.records_api import RIGHTS

METHODS: Final = ("get", "post", "put", "patch", "delete")
_SCHEMAS: Final = "#/components/schemas/"
_DEEP: Final = 2
"""How many objects inside one another the type of a field names."""


@dataclass(frozen=True, slots=True)
class Field:
    """What an operation takes or answers: a parameter, or a field of a body."""

    name: str
    place: str
    type: str
    required: bool
    text: str


@dataclass(frozen=True, slots=True)
class Operation:
    """One address and method of the API.

    Parameters
    ----------
    id, method, path, tag, summary, text : str
    right : tuple of str
        Rights that one of the sender must have; none for what is public.
    parameters, body, answer : tuple of Field
        ``answer`` has the fields of a record of the answer as JSON; it is empty for files.
    media : tuple of str
        Media types of the answer.
    statuses : tuple of (str, str)
        Codes of answers, and what they mean.
    example : str
        Path and query of a request that can be opened as it is; empty where there is none.
    """

    id: str
    method: str
    path: str
    tag: str
    summary: str
    text: str
    right: tuple[str, ...]
    parameters: tuple[Field, ...]
    body: tuple[Field, ...]
    answer: tuple[Field, ...]
    media: tuple[str, ...]
    statuses: tuple[tuple[str, str], ...]
    example: str

    def has(self, words: list[str]) -> bool:
        """Return whether all words stand in address, texts or names of fields."""
        names = (f"{f.name} {f.text}" for f in (*self.parameters, *self.body, *self.answer))
        hay = " ".join((self.path, self.tag, self.summary, self.text, *names)).casefold()
        return all(word in hay for word in words)


def operations(description: Mapping[str, Any]) -> tuple[Operation, ...]:
    """Return the operations of a description (OpenAPI 3.1), in the order of its subjects and addresses."""
    schemas = description.get("components", {}).get("schemas", {})
    order = [tag["name"] for tag in description.get("tags", ())]
    found = [
        _operation(method, path, told, schemas)
        for path, methods in description["paths"].items()
        for method in METHODS
        if (told := methods.get(method))
    ]
    return tuple(sorted(found, key=lambda o: (order.index(o.tag) if o.tag in order else len(order), o.path)))


def _operation(method: str, path: str, told: Mapping[str, Any], schemas: Mapping[str, Any]) -> Operation:
    parameters = tuple(
        Field(p["name"], p["in"], type_of(p.get("schema", {})), bool(p.get("required")), p.get("description", ""))
        for p in told.get("parameters", ())
    )
    good: Mapping[str, Any] = next(
        (answer for status, answer in told["responses"].items() if status.startswith("2")), {}
    )
    media = tuple(good.get("content", {}))
    body = told.get("requestBody", {}).get("content", {})
    taken = [field for kind, content in body.items() for field in _fields(content.get("schema", {}), schemas, kind)]
    answered = good.get("content", {}).get("application/json", {}).get("schema", {})
    rights = told.get(RIGHTS, ())
    return Operation(
        told["operationId"], method.upper(), path, next(iter(told.get("tags", ())), ""), told.get("summary", ""),
        told.get("description", ""), (rights,) if isinstance(rights, str) else tuple(rights), parameters, tuple(taken),
        tuple(_fields(answered, schemas, "")), media,
        tuple((status, answer.get("description", "")) for status, answer in told["responses"].items()),
        _example(method, path, told.get("parameters", ())),
    )  # fmt: skip


def _example(method: str, path: str, parameters: Any) -> str:
    needed = [p for p in parameters if p.get("required")]
    if method != "get" or any("example" not in p for p in needed):
        return ""
    for p in needed:
        path = path.replace(f"{{{p['name']}}}", str(p["example"]))
    query = urlencode([(p["name"], p["example"]) for p in needed if p["in"] == "query"])
    return f"{path}?{query}" if query else path


def _fields(schema: Mapping[str, Any], schemas: Mapping[str, Any], place: str) -> Iterator[Field]:
    record = _resolved(schema, schemas)
    if record.get("type") == "array":
        record = _resolved(record.get("items", {}), schemas)
    needed = record.get("required", ())
    for name, inner in record.get("properties", {}).items():
        yield Field(name, place, type_of(inner), name in needed, inner.get("description", ""))


def _resolved(schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> Mapping[str, Any]:
    name = schema.get("$ref", "").removeprefix(_SCHEMAS)
    found: Mapping[str, Any] = schemas.get(name, schema) if name else schema
    return found


def type_of(schema: Mapping[str, Any], depth: int = 0) -> str:
    """Return the type of a schema in words of JSON: ``integer 1…10000``, ``"zh" | "en"``, ``[Person]``."""
    if "$ref" in schema:
        return str(schema["$ref"]).removeprefix(_SCHEMAS)
    if "enum" in schema:
        return " | ".join(f'"{v}"' if isinstance(v, str) else str(v) for v in schema["enum"])
    if "const" in schema:
        return f'"{schema["const"]}"'
    parts = schema.get("anyOf") or schema.get("oneOf")
    if parts:
        return " | ".join(dict.fromkeys(type_of(p, depth) for p in parts))
    kind = schema.get("type", "")
    if kind == "array":
        return f"[{type_of(schema.get('items', {}), depth + 1)}]"
    values = schema.get("additionalProperties")
    if kind == "object" and isinstance(values, Mapping) and depth < _DEEP:
        return f"{{…: {type_of(values, depth + 1)}}}"
    low, high = schema.get("minimum"), schema.get("maximum")
    span = "" if low is None and high is None else f" {'' if low is None else low}…{'' if high is None else high}"
    form = f" ({schema['format']})" if "format" in schema else ""
    return f"{kind or 'any'}{form}{span}"


class ApiReference:
    """The page of the API.

    Parameters
    ----------
    renderer : Renderer
    describe : callable
        Returns the description (OpenAPI).
    """

    def __init__(self, renderer: Renderer, describe: Callable[[], dict[str, Any]]) -> None:
        self.renderer, self._describe = renderer, describe
        self._read: tuple[int, tuple[Operation, ...]] | None = None

    @property
    def handlers(self) -> dict[str, Handler]:
        """Handlers by path."""
        return {"/docs": self.show}

    def show(self, request: Request, language: str) -> Response:
        """Return the page: all subjects, or the operations of one of them or with some words, with all that they take and answer."""
        description = self._describe()
        if self._read is None or self._read[0] != id(description):
            self._read = (id(description), operations(description))
        known = self._read[1]
        texts = {tag["name"]: tag.get("description", "") for tag in description.get("tags", ())}
        tag, words = request.query_params.get("tag", ""), request.query_params.get("q", "").strip()[:200]
        chosen = [o for o in known if tag in ("", o.tag) and o.has(words.casefold().split())]
        subjects = [(name, texts.get(name, ""), [o for o in known if o.tag == name]) for name in texts]
        return self.renderer.page(
            request, "docs.html", language, None, subjects=subjects, tag=tag if tag in texts else "", words=words,
            chosen=chosen if tag or words else [], count=len(known),
            base=str(request.base_url).rstrip("/"),
        )  # fmt: skip
