"""Activity data × factors → greenhouse-gas accounts with intervals, for a province, a prefecture, a park or an enterprise.

In: activity data under a rulebook (`compute`), or a province folder and its inventory settings (`build_inventory`). Out: gas masses by IPCC
category, place and period with interval, method, factors and data behind each number; notation keys where nothing can be said.
It must not know pathways, targets or pages.

Rooms inside: ``rulebook`` (methods, sets, factors with reasons, results), ``methods`` (one module a topic), ``files`` (reading, templates,
result folders, audit), ``uncertainty``, ``quality``, ``inventories`` (frozen, compared, summed by place), ``ets``, ``province``.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tanlu.accounts.ets.allocation import allocate as allocate
    from tanlu.accounts.ets.compliance import compliance as compliance
    from tanlu.accounts.files.activity_file import read_activities as read_activities
    from tanlu.accounts.files.audit import audit as audit
    from tanlu.accounts.files.export import write_results as write_results
    from tanlu.accounts.inventories.comparison import compare as compare
    from tanlu.accounts.inventories.inventory_book import InventoryBook as InventoryBook
    from tanlu.accounts.inventories.inventory_book import make_book as make_book
    from tanlu.accounts.province.inventory import build_inventory as build_inventory
    from tanlu.accounts.province.records import SECTORS as SECTORS
    from tanlu.accounts.province.records import EnergyUse as EnergyUse
    from tanlu.accounts.province.records import Inventory as Inventory
    from tanlu.accounts.province.records import InventoryRow as InventoryRow
    from tanlu.accounts.province.records import Status as Status
    from tanlu.accounts.quality.control import quality_control as quality_control
    from tanlu.accounts.rulebook.activity import Activity as Activity
    from tanlu.accounts.rulebook.computation import compute as compute
    from tanlu.accounts.rulebook.method import Method as Method
    from tanlu.accounts.rulebook.method_sets import MethodSet as MethodSet
    from tanlu.accounts.rulebook.method_sets import method_sets as method_sets
    from tanlu.accounts.rulebook.result import Result as Result
    from tanlu.accounts.rulebook.result import Results as Results
    from tanlu.accounts.uncertainty.key_categories import key_categories as key_categories
    from tanlu.accounts.uncertainty.measure_next import measure_next as measure_next
    from tanlu.accounts.uncertainty.monte_carlo import monte_carlo as monte_carlo
    from tanlu.accounts.uncertainty.propagation import approach_1 as approach_1

_HOMES = {
    "ets.allocation": ("allocate",),
    "ets.compliance": ("compliance",),
    "files.activity_file": ("read_activities",),
    "files.audit": ("audit",),
    "files.export": ("write_results",),
    "inventories.comparison": ("compare",),
    "inventories.inventory_book": ("InventoryBook", "make_book"),
    "province.inventory": ("build_inventory",),
    "province.records": ("SECTORS", "EnergyUse", "Inventory", "InventoryRow", "Status"),
    "quality.control": ("quality_control",),
    "rulebook.activity": ("Activity",),
    "rulebook.computation": ("compute",),
    "rulebook.method": ("Method",),
    "rulebook.method_sets": ("MethodSet", "method_sets"),
    "rulebook.result": ("Result", "Results"),
    "uncertainty.key_categories": ("key_categories",),
    "uncertainty.measure_next": ("measure_next",),
    "uncertainty.monte_carlo": ("monte_carlo",),
    "uncertainty.propagation": ("approach_1",),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}
__all__ = sorted(_HOME_OF)


def __getattr__(name: str) -> Any:
    """Import a public name where it is first used: most programs need a few of them, and all together take a second."""
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME_OF[name]}"), name)
