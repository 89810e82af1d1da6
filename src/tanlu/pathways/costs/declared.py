"""The numbers behind costs: what plants and equipment cost, live and learn, and what fuels cost; declared with units and limits."""

from __future__ import annotations

from typing import Final

from tanlu.pathways.assumptions import Assumption
from tanlu.pathways.dimensions import TECHNOLOGIES

ACTORS: Final = ("power", "industry", "households", "public", "transport", "agriculture")
"""Who bears a cost where it arises. ``transport`` is those who own vehicles, ``public`` public buildings, services and waste."""
PLANTS: Final = ("wind", "solar", "hydro", "biomass", "nuclear", "storage", "imports", "coal", "gas")
"""Plants of the power sector; ``imports`` are lines into the province."""
USERS: Final = ("furnace", "boiler", "home", "building", "car", "truck", "rail", "ship", "aircraft", "off_road")
"""Classes of equipment of users; ``sectors.csv`` gives each sector one."""
ROUTES: Final = (*TECHNOLOGIES, "efficiency")
"""Ways to serve a need for fuel, each counted in the fuel that served it in the base year; ``efficiency`` is what policy saves."""
COMPONENTS: Final = ("investment", "capital", "operation", "fuel", "stranded")
"""Investment of the year; capital charge of what has been built; operation; fuel; value given up early. The cost of a year is capital,
operation and fuel: investment is the same money as capital at another time, and a stranded value goes on in its capital charge."""
TRANSFERS: Final = ("electricity", "heat", "carbon")
"""Payments between actors and to the government. They add up to zero and are no cost."""
PRICED: Final = ("coal", "coke", "gas", "oil", "biomass")
STORES: Final = ("pumped", "battery")

SETS: Final[dict[str, tuple[str, ...]]] = {
    "actor": ACTORS,
    "plant": PLANTS,
    "user": USERS,
    "route": ROUTES,
    "fuel": PRICED,
    "store": STORES,
}
DECLARED: Final = (
    Assumption("price.year", "year", (), 2000, 2100, "价格年", "price year of all money"),
    Assumption("discount.rate", "1/yr", (), 0, 0.2, "实际贴现率", "real discount rate"),
    Assumption("plant.cost", "CNY/kW", ("plant",), 0, 50000, "电源和储能单位造价", "investment per capacity"),
    Assumption("plant.trl", "1", ("plant",), 1, 9, "技术成熟度", "technology readiness level"),
    Assumption("plant.learning", "1", ("plant",), 0, 0.5, "学习率", "fall of cost per doubling of deployment"),
    Assumption("plant.floor", "1", ("plant",), 0, 1, "电源和储能成本下限（基年=1）", "lowest cost of plants and storage (base year = 1)"),
    Assumption("plant.deployed", "GW", ("plant",), 0.001, 100000, "全球累计装机", "cumulative deployment in the world"),
    Assumption("plant.fixed", "CNY/kW/yr", ("plant",), 0, 5000, "电源和储能固定运维", "fixed operation of plants and storage"),
    Assumption("plant.variable", "CNY/MWh", ("plant",), 0, 2000, "变动运维（外来电为到省电价）",
        "variable operation; for lines the price of the power"),
    Assumption("plant.life", "yr", ("plant",), 5, 80, "电源和储能寿命", "lifetime of plants and storage"),
    Assumption("plant.oldest", "yr", ("plant",), 1, 80, "基年存量最大年龄", "age of the oldest units of the base year"),
    Assumption("load.peak", "1", (), 1, 4, "最大负荷与平均负荷之比", "highest load over mean load"),
    Assumption("storage.pumped", "GW", (), 0, 1000, "抽水蓄能（在运与规划）", "pumped storage, in service and planned"),
    Assumption("storage.credit", "1", ("store",), 0, 1, "可靠容量系数", "firm share of its power"),
    Assumption("coal.reserve", "1", (), 0, 1, "煤电最低保留比例（基年=1）", "coal capacity kept for reserve (base year = 1)"),
    Assumption("gas.hours", "h/yr", (), 100, 8760, "气电利用小时", "full-load hours of gas power"),
    Assumption("grid.cost", "CNY/(MWh/yr)", (), 0, 20000, "电网投资", "investment in the grid per power use"),
    Assumption("grid.life", "yr", (), 5, 80, "电网寿命", "lifetime of the grid"),
    Assumption("grid.fixed", "1/yr", (), 0, 0.2, "电网固定运维占投资比例", "fixed operation of the grid as a share of investment"),
    Assumption("electrolysis.cost", "CNY/(GJ/yr)", (), 0, 5000, "电解槽投资", "investment in electrolysis per hydrogen"),
    Assumption("electrolysis.life", "yr", (), 5, 80, "电解槽寿命", "lifetime of electrolysis"),
    Assumption("electrolysis.fixed", "1/yr", (), 0, 0.2, "电解槽固定运维占投资比例",
        "fixed operation of electrolysis as a share of investment"),
    Assumption("capture.cost", "CNY/(t/yr)", (), 0, 10000, "捕集投资", "investment in capture per yearly CO2"),
    Assumption("capture.life", "yr", (), 5, 80, "捕集设备寿命", "lifetime of capture"),
    Assumption("capture.operation", "CNY/t", (), 0, 2000, "捕集运行（不含能耗）", "operation of capture without energy"),
    Assumption("capture.storage", "CNY/t", (), 0, 2000, "捕集后的运输与封存", "transport and storage of captured CO2"),
    Assumption("equipment.cost", "CNY/(GJ/yr)", ("user", "route"), 0, 50000, "单位服务的设备投资（按基年年用燃料计）",
        "investment per service, counted in its yearly fuel of the base year"),
    Assumption("equipment.life", "yr", ("user",), 3, 80, "用能设备寿命", "lifetime of equipment"),
    Assumption("equipment.fixed", "1/yr", ("user",), 0, 0.3, "用能设备固定运维占投资比例",
        "fixed operation of equipment as a share of investment"),
    Assumption("price.fuel", "CNY/GJ", ("fuel",), 0, 1000, "燃料价格（不含税）", "price of fuel without tax"),
    Assumption("tariff.electricity", "CNY/MWh", ("actor",), 0, 3000, "用电价格", "price of power for users"),
    Assumption("tariff.heat", "CNY/GJ", (), 0, 1000, "热力价格", "price of heat for users"),
    Assumption("price.carbon", "CNY/t", (), 0, 5000, "碳价", "price of carbon"),
    Assumption("carbon.covered", "1", ("actor",), 0, 1, "碳价覆盖比例", "share of the CO2 that pays the price"),
)  # fmt: skip
