"""Province and inventory, with the land rows that the room of land makes."""

from __future__ import annotations

from tanlu.accounts import Inventory, build_inventory
from tanlu.core.province import Province, load_province, province_folder
from tanlu.land import forest_rows


def make_inventory(province: str | Province) -> tuple[Province, Inventory]:
    """Load a province and make its inventory.

    Parameters
    ----------
    province : str or Province
        Name, path of a folder, or a province that is loaded already.

    Raises
    ------
    DataError
        With every problem of the folder.
    """
    loaded = province if isinstance(province, Province) else load_province(province_folder(province))
    return loaded, build_inventory(loaded, forest_rows(loaded))
