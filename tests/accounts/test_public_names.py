"""The public names of the room: there, documented, and imported only when used."""

from __future__ import annotations

import inspect
import subprocess
import sys

import pytest

import tanlu.accounts as accounts


@pytest.mark.parametrize("name", accounts.__all__)
def test_a_public_name_is_there_and_documented(name: str) -> None:
    found = getattr(accounts, name)
    assert name == "SECTORS" or inspect.getdoc(found)
    assert callable(found) or name == "SECTORS"


def test_another_name_is_an_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        accounts.nothing  # noqa: B018


def test_the_contract_of_the_python_interface() -> None:
    """One function from rows to results."""
    row = accounts.Activity("p", "hunan", "2023", "electricity-location-based", "electricity", "1", "MWh", grade="A")
    results = accounts.compute([row], method_set="cn-enterprise")
    assert isinstance(results, accounts.Results)
    assert results.totals()["CO2"] == pytest.approx(0.4976)


def test_importing_the_room_loads_no_heavy_package() -> None:
    program = (
        "import sys, tanlu.accounts; print(sorted({'numpy', 'scipy', 'openpyxl', 'xlsxwriter'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
