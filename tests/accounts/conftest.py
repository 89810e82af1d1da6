"""The shipped province and its inventory, made once."""

from __future__ import annotations

import pytest

from tanlu.accounts import Inventory, build_inventory
from tanlu.accounts.province.settings import Settings, load_settings
from tanlu.core.province import Province, load_province, province_folder
from tanlu.land import forest_rows


@pytest.fixture(scope="session")
def province() -> Province:
    return load_province(province_folder("hunan"))


@pytest.fixture(scope="session")
def settings(province: Province) -> Settings:
    return load_settings(province)


@pytest.fixture(scope="session")
def inventory(province: Province) -> Inventory:
    return build_inventory(province, forest_rows(province))
