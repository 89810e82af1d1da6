"""The numbers behind jobs and air pollutants, declared with units and limits."""

from __future__ import annotations

from typing import Final

from tanlu.pathways.assumptions import Assumption
from tanlu.pathways.costs.declared import ACTORS, PLANTS

FUELS: Final = ("coal", "coke", "gas", "oil", "biomass")
"""Carriers that are burnt."""
POLLUTANTS: Final = ("SO2", "NOx", "PM2.5")
SUBSTANCES: Final = (*POLLUTANTS, "CH4", "N2O")
BURNERS: Final = (
    "power",
    "furnace",
    "boiler",
    "home",
    "building",
    "car",
    "truck",
    "rail",
    "ship",
    "aircraft",
    "off_road",
)
"""Classes of equipment that burns fuel; ``sectors.csv`` gives each sector one."""
JOB_GROUPS: Final = ("construction", "operation", "equipment", "mining")
"""Building power plants, running them, building and fitting equipment of users, coal mining."""

SETS: Final[dict[str, tuple[str, ...]]] = {
    "burner": BURNERS,
    "fuel": FUELS,
    "substance": SUBSTANCES,
    "pollutant": POLLUTANTS,
    "plant": PLANTS,
    "actor": ACTORS,
}
DECLARED: Final = (
    Assumption("emission.factor", "t/PJ", ("burner", "fuel", "substance"), 0, 5000, "末端治理前排放因子", "emission factor before control"),
    Assumption("removal", "1", ("burner", "pollutant"), 0, 1, "末端去除率（或车辆标准升级降幅）",
        "share removed by control or by the standard of the fleet"),
    Assumption("biomass.heat", "PJ/TWh", (), 3.6, 30, "生物质发电热耗", "heat rate of biomass power"),
    Assumption("jobs.build", "job-years/MW", ("plant",), 0, 60, "建设与制造直接就业", "direct jobs of building and manufacturing"),
    Assumption("jobs.operate", "jobs/MW", ("plant",), 0, 10, "运维直接就业", "direct jobs of operation"),
    Assumption("jobs.local", "1", ("plant",), 0, 1, "建设就业中在本省的比例", "share of the building jobs in the province"),
    Assumption("jobs.equipment", "job-years/10^6 CNY", ("actor",), 0, 20, "设备投资的直接就业", "direct jobs of investment in equipment"),
    Assumption("jobs.mining", "jobs/kt", (), 0, 20, "煤炭开采就业", "jobs of coal mining"),
    Assumption("jobs.productivity", "1/yr", (), 0, 0.1, "劳动生产率年增速", "yearly growth of labour productivity"),
)  # fmt: skip
