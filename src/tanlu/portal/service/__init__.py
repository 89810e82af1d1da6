"""What pages and API both show: one function a question, from frozen results to plain records.

Pages have no data paths of their own, so a figure on a page is the figure of the API.
"""

from tanlu.portal.service.inventory_rows import (
    GWP_VIEWS,
    InventoryLine,
    InventoryQuery,
    InventoryTotal,
    categories,
    gases_without_gwp,
    gwp_source,
    inventory,
    inventory_options,
    inventory_query,
    inventory_total,
    regions,
)
from tanlu.portal.service.run_charts import CHARTS, chart
from tanlu.portal.service.runs import NotFoundError, RunInfo, Workspace
from tanlu.portal.service.statements import (
    KEY_LISTS,
    Figure,
    actions_of,
    figures,
    key_list,
    measures,
    reconciliation,
    sources,
    target_options,
    targets,
    uncertainty,
)

__all__ = [
    "CHARTS",
    "GWP_VIEWS",
    "KEY_LISTS",
    "Figure",
    "InventoryLine",
    "InventoryQuery",
    "InventoryTotal",
    "NotFoundError",
    "RunInfo",
    "Workspace",
    "actions_of",
    "categories",
    "chart",
    "figures",
    "gases_without_gwp",
    "gwp_source",
    "inventory",
    "inventory_options",
    "inventory_query",
    "inventory_total",
    "key_list",
    "measures",
    "reconciliation",
    "regions",
    "sources",
    "target_options",
    "targets",
    "uncertainty",
]
