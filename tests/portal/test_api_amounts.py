"""An amount has one form in the API, whether a route answers what it has just made or what it read."""

from __future__ import annotations

import importlib
import pkgutil
from decimal import Decimal

import pytest
from pydantic import BaseModel

from tanlu.portal.programme import api
from tanlu.portal.programme.api.applications import ApplicationDetail
from tanlu.portal.session.shapes import Row

MONEY = {"amount", "asked", "grant", "largest_grant", "left", "pot", "recovered"}


def rows() -> list[type[Row]]:
    modules = [importlib.import_module(f"{api.__name__}.{m.name}") for m in pkgutil.iter_modules(api.__path__)]
    return [c for m in modules for c in vars(m).values() if isinstance(c, type) and issubclass(c, Row) and c is not Row]


@pytest.mark.parametrize("typed", ["360000", "360000.0", "360000.00", "3.6E5"])
def test_an_amount_is_text_with_two_decimals(typed: str) -> None:
    made = ApplicationDetail.model_construct(asked=Decimal(typed), budget={"labour": (Decimal(typed), Decimal(0))})
    told = made.model_dump(include={"asked", "budget"}, mode="json")
    assert told == {"asked": "360000.00", "budget": {"labour": ["360000.00", "0.00"]}}


def test_every_amount_of_the_programme_has_this_form() -> None:
    found = {(c.__name__, name) for c in rows() for name in MONEY & c.model_fields.keys()}
    assert len(found) >= len(MONEY)
    for kind in rows():
        for name in MONEY & kind.model_fields.keys():
            assert dumped(kind, name) == "7.00", (kind.__name__, name)


def dumped(kind: type[BaseModel], name: str) -> object:
    return kind.model_construct(**{name: Decimal(7)}).model_dump(include={name}, mode="json")[name]
