"""The inventory of a province: every category and gas, in every year, as a number with its interval or as a notation key."""

from __future__ import annotations

from collections.abc import Sequence

from tanlu.accounts.energy_rows import combustion_rows, net_import_rows, without_reductants
from tanlu.accounts.energy_use import energy_use
from tanlu.accounts.notation import NOT_ESTIMATED, inventory_years, notation_row
from tanlu.accounts.output_rows import METHODS, cement_rows, coal_methane_rows, output_rows
from tanlu.accounts.records import Inventory, InventoryRow
from tanlu.accounts.settings import load_settings
from tanlu.core.province import Province


def build_inventory(province: Province, land: Sequence[InventoryRow] = ()) -> Inventory:
    """Make the inventory of a province.

    Parameters
    ----------
    province : Province
    land : sequence of InventoryRow
        Rows of the land categories, which the room ``land`` makes.

    Returns
    -------
    Inventory
        One row for every category, gas and year of the inventory.

    Raises
    ------
    DataError
        If the inventory settings of the province have problems.
    """
    settings = load_settings(province)
    uses = energy_use(province, settings)
    rows = combustion_rows(province, uses)
    rows += coal_methane_rows(province, settings)
    rows += cement_rows(province)
    for method in METHODS:
        rows += output_rows(province, method)
    rows = without_reductants(rows) + net_import_rows(province) + list(land)
    years = inventory_years(province)
    rows += [
        notation_row(province, y, c, gas, sector, reason) for y in years for c, gas, sector, reason in NOT_ESTIMATED
    ]
    rows.sort(key=lambda r: (r.year, r.category, r.gas))
    return Inventory(province.id, tuple(years), tuple(rows), tuple(uses))
