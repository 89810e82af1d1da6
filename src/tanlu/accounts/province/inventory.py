"""The inventory of a province: every category and gas, in every year, as a number with its interval or as a notation key."""

from __future__ import annotations

from collections.abc import Sequence

from tanlu.accounts.province.energy_rows import combustion_rows, net_import_rows, without_reductants
from tanlu.accounts.province.energy_use import energy_use
from tanlu.accounts.province.notation import inventory_years, missing_rows
from tanlu.accounts.province.output_rows import output_rows
from tanlu.accounts.province.records import Inventory, InventoryRow
from tanlu.accounts.province.settings import load_settings
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
        One row for every category, gas and year of the inventory; what the settings leave out says NE.

    Raises
    ------
    DataError
        If the inventory settings of the province have problems.
    """
    settings = load_settings(province)
    uses = energy_use(province, settings)
    rows = combustion_rows(province, settings, uses)
    for output in settings.outputs:
        rows += output_rows(province, settings, output)
    rows = without_reductants(rows, settings) + net_import_rows(province, settings) + list(land)
    rows += missing_rows(province, rows)
    rows.sort(key=lambda r: (r.year, r.category, r.gas))
    return Inventory(province.id, tuple(inventory_years(province)), tuple(rows), tuple(uses))
