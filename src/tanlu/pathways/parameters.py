"""The parameters of the pathway model: one declared table with units, from which the data file is checked and documented.

*Controls* vary by year and can be moved by levers; their value in ``parameters.csv`` is the one of the base year, which holds where no
lever acts. All other parameters are constant.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tanlu.core.errors import Problem
from tanlu.core.provenance import Grade
from tanlu.core.tables import Column, read_table
from tanlu.pathways.dimensions import BRANCHES, BUILDINGS, DEMAND, FOSSIL, SECTOR

Floats = NDArray[np.float64]

SPLIT: Final = tuple(
    f"{s}:{carrier}"
    for s in DEMAND
    if len(BRANCHES[SECTOR[s].inventory]) > 1 and not SECTOR[s].main
    for carrier in SECTOR[s].carriers
)
"""Sector and carrier of each share in a sector of the inventory."""

INDEX: Final[dict[str, tuple[str, ...]]] = {
    "": ("",),
    "sector": DEMAND,
    "building": BUILDINGS,
    "fossil": FOSSIL,
    "split": SPLIT,
}


@dataclass(frozen=True, slots=True)
class Parameter:
    """Declaration of a parameter.

    ``index`` names the set over which it runs ("" for a single number); ``minimum`` and ``maximum`` are limits of sense, not of
    plausibility; ``control`` marks what levers may move.
    """

    name: str
    unit: str
    index: str
    minimum: float
    maximum: float
    zh: str
    en: str
    control: bool = False


def _c(name: str, unit: str, index: str, low: float, high: float, zh: str, en: str) -> Parameter:
    return Parameter(name, unit, index, low, high, zh, en, control=True)


SECTOR_CONTROLS: Final = (
    _c("efficiency.fuel", "1/yr", "sector", -0.05, 0.1, "新设备燃料强度年下降率",
        "yearly fall of the fuel use of new equipment per unit of service"),
    _c("efficiency.electricity", "1/yr", "sector", -0.05, 0.1, "新设备电力强度年下降率",
        "yearly fall of the power use of new equipment per unit of service"),
    _c("activity.scale", "1", "sector", 0.2, 2, "需求系数（结构、循环利用）", "demand factor (mode, material efficiency)"),
    _c("shift.electricity", "1", "sector", 0, 1, "电力替代化石燃料比例", "share of fossil fuel use replaced by electricity"),
    _c("shift.hydrogen", "1", "sector", 0, 1, "氢替代其余化石燃料比例", "share of the remaining fossil use replaced by hydrogen"),
    _c("shift.gas", "1", "sector", 0, 1, "气代煤比例", "share of the remaining coal use replaced by gas"),
    _c("shift.biomass", "1", "sector", 0, 1, "生物质和废弃物替代煤、油比例",
        "share of the remaining coal and oil use replaced by biomass and waste"),
    _c("capture", "1", "sector", 0, 0.95, "二氧化碳捕集比例", "share of the CO2 that is captured and stored"),
    _c("process.factor", "1", "sector", 0, 2, "单位产出过程排放（基年=1）", "process CO2 per unit of output (base year = 1)"),
)  # fmt: skip
SCALAR_CONTROLS: Final = (
    _c("capacity.wind", "GW", "", 0, 200, "风电装机", "wind capacity"),
    _c("capacity.solar", "GW", "", 0, 400, "光伏装机", "solar capacity"),
    _c("capacity.hydro", "GW", "", 0, 60, "常规水电装机", "conventional hydro capacity"),
    _c("capacity.biomass", "GW", "", 0, 30, "生物质发电装机", "biomass and waste power capacity"),
    _c("capacity.nuclear", "GW", "", 0, 30, "核电装机", "nuclear capacity"),
    _c("capacity.storage", "GW", "", 0, 150, "储能（含抽水蓄能）", "storage including pumped hydro"),
    _c("capacity.imports", "GW", "", 0, 80, "外受电通道能力", "transfer capacity of the lines into the province"),
    _c("imports.factor", "t CO2/MWh", "", 0, 1.2, "外来电排放因子", "emission factor of imported power"),
    _c("coal.rate", "1", "", 0.6, 1.3, "煤电煤耗（基年=1）", "coal use per kWh of coal power (base year = 1)"),
    _c("coal.cofiring", "1", "", 0, 0.9, "煤电掺烧生物质或绿氨比例", "share of biomass or green ammonia in coal power"),
    _c("gas.generation", "1", "", 0, 20, "气电电量（基年=1）", "gas power output (base year = 1)"),
    _c("grid.losses", "1", "", -0.1, 0.1, "线损与厂用电率的变化", "change of grid losses and own use, share of gross demand"),
    _c("heat.clean", "1", "", 0, 1, "清洁供热比例", "share of heat supply without fossil fuel"),
    _c("hydrogen.green", "1", "", 0, 1, "绿氢比例", "share of hydrogen from electrolysis"),
    _c("capture.power", "1", "", 0, 0.95, "煤电捕集比例", "share of coal power CO2 that is captured"),
    _c("sink.addition", "Mt CO2/yr", "", -50, 100, "新增碳汇", "additional uptake of land"),
)  # fmt: skip
CONTROLS: Final = (*SECTOR_CONTROLS, *SCALAR_CONTROLS)

CONSTANTS: Final = (
    Parameter("elasticity.fuel", "1", "sector", -1, 2, "燃料服务收入弹性（基年）", "income elasticity of fuel services, base year"),
    Parameter("elasticity.fuel.late", "1", "sector", -1, 2, "燃料服务收入弹性（2060）", "income elasticity of fuel services, 2060"),
    Parameter("elasticity.electricity", "1", "sector", -1, 2, "电力服务收入弹性（基年）",
        "income elasticity of power services, base year"),
    Parameter("elasticity.electricity.late", "1", "sector", -1, 2, "电力服务收入弹性（2060）",
        "income elasticity of power services, 2060"),
    Parameter("maturity.level", "1", "sector", 0.1, 4, "人均需求长期水平（基年=1）", "long-run demand per head (base year = 1)"),
    Parameter("maturity.rate", "1/yr", "sector", 0, 0.5, "趋近长期水平的速率", "speed towards the long-run level"),
    Parameter("floor.area", "m2", "building", 1, 200, "人均建筑面积（基年）", "floor area per head, base year"),
    Parameter("floor.area.level", "m2", "building", 1, 200, "人均建筑面积长期水平", "long-run floor area per head"),
    Parameter("floor.area.rate", "1/yr", "building", 0, 0.5, "人均建筑面积趋近长期水平的速率", "speed towards the long-run floor area"),
    Parameter("heating.days", "K d", "", 0, 10000, "采暖度日数HDD18（基年）", "heating degree days below 18 °C, base year"),
    Parameter("heating.days.late", "K d", "", 0, 10000, "采暖度日数HDD18（2060）", "heating degree days below 18 °C, 2060"),
    Parameter("cooling.days", "K d", "", 0, 10000, "空调度日数CDD26（基年）", "cooling degree days above 26 °C, base year"),
    Parameter("cooling.days.late", "K d", "", 0, 10000, "空调度日数CDD26（2060）", "cooling degree days above 26 °C, 2060"),
    Parameter("heating.fuel", "1", "building", 0, 1, "燃料服务中随采暖度日数变化的比例",
        "share of the fuel services that goes with heating degree days"),
    Parameter("heating.electricity", "1", "building", 0, 1, "电力服务中随采暖度日数变化的比例",
        "share of the power services that goes with heating degree days"),
    Parameter("cooling.electricity", "1", "building", 0, 1, "电力服务中随空调度日数变化的比例",
        "share of the power services that goes with cooling degree days"),
    Parameter("urbanisation.exponent", "1", "sector", -2, 2, "城镇化弹性", "exponent of the urban share"),
    Parameter("lifetime", "yr", "sector", 2, 100, "设备平均寿命", "mean life of the equipment"),
    Parameter("lifetime.shape", "1", "sector", 1, 10, "寿命分布形状参数（威布尔）", "shape of the distribution of lives (Weibull)"),
    Parameter("age.growth", "1/yr", "sector", -0.1, 0.3, "基年前设备销量年增速（决定存量年龄结构）",
        "growth of sales before the base year, from which the ages of the stock follow"),
    Parameter("lifetime.electricity", "yr", "sector", 2, 100, "用电设备平均寿命", "mean life of what serves with electricity"),
    Parameter("efficiency.retrofit", "1", "sector", 0, 1, "能效年下降率中惠及在用设备的比例（改造、运行）",
        "share of the yearly fall that also reaches equipment in service (retrofits, operation)"),
    Parameter("intensity.floor", "1", "sector", 0.05, 1, "强度下限（基年=1）", "lowest energy intensity (base year = 1)"),
    Parameter("ratio.electricity", "1", "sector", 0.1, 2, "替代单位燃料的用电量", "electricity per unit of fuel that it replaces"),
    Parameter("ratio.hydrogen", "1", "sector", 0.1, 2, "替代单位燃料的用氢量", "hydrogen per unit of fuel that it replaces"),
    Parameter("ratio.gas", "1", "sector", 0.1, 2, "替代单位煤的用气量", "gas per unit of coal that it replaces"),
    Parameter("process.shifted", "1", "sector", 0, 1, "随电、氢路线消失的过程排放比例",
        "share of process CO2 that goes with the electric and hydrogen routes"),
    Parameter("process.fuel", "1", "sector", 0, 1, "随单位产出过程排放变化的燃料比例", "share of the fuel that follows the process factor"),
    Parameter("scrap.base", "1", "", 0, 1, "基年电炉可用废钢与产量之比", "scrap of electric furnaces over output, base year"),
    Parameter("scrap.level", "1", "", 0, 2, "电炉可用废钢长期水平与基年产量之比", "long-run scrap over the output of the base year"),
    Parameter("scrap.rate", "1/yr", "", 0, 0.5, "废钢增长速率", "speed towards the long-run scrap"),
    Parameter("supply.link", "1", "", 0, 1, "煤炭开采和炼油随化石燃料终端需求变化的比例",
        "how far mining and refining follow the final use of their fuels"),
    Parameter("factor.default", "t CO2/GJ", "fossil", 0.01, 0.2, "基年未用燃料的排放因子",
        "emission factor of a fuel that the sector did not use in the base year"),
    Parameter("hours.wind", "h/yr", "", 500, 4000, "风电利用小时", "full-load hours of wind"),
    Parameter("hours.solar", "h/yr", "", 500, 2000, "光伏利用小时", "full-load hours of solar"),
    Parameter("hours.hydro", "h/yr", "", 1000, 6000, "水电利用小时", "full-load hours of hydro"),
    Parameter("hours.hydro.variability", "1", "", 0, 0.5, "水电出力年际变异系数", "yearly variation of hydro output"),
    Parameter("hours.biomass", "h/yr", "", 1000, 8000, "生物质发电利用小时", "full-load hours of biomass power"),
    Parameter("hours.nuclear", "h/yr", "", 1000, 8500, "核电利用小时", "full-load hours of nuclear power"),
    Parameter("hours.imports", "h/yr", "", 1000, 8000, "新增外电通道利用小时", "full-load hours of added lines"),
    Parameter("hours.imports.maximum", "h/yr", "", 1000, 8760, "外电通道利用小时上限", "highest full-load hours of the lines"),
    Parameter("hours.thermal.maximum", "h/yr", "", 1000, 8000, "煤电利用小时上限", "highest full-load hours of thermal plants"),
    Parameter("capacity.coal", "GW", "", 0, 200, "在役煤电装机", "coal plants in service"),
    Parameter("build.wind", "GW/yr", "", 0.1, 50, "风电年新增上限", "highest net addition of wind in a year"),
    Parameter("build.solar", "GW/yr", "", 0.1, 50, "光伏年新增上限", "highest net addition of solar in a year"),
    Parameter("build.other", "GW/yr", "", 0.1, 50, "其他电源及通道年新增上限",
        "highest net addition of any other plant or line in a year"),
    Parameter("decline.capacity", "1/yr", "", 0.005, 0.2, "装机年退出率上限", "highest net fall of a capacity in a year"),
    Parameter("curtailment.free", "1", "", 0, 1, "无储能时可全额消纳的风光占比",
        "share of wind and solar that is taken without loss and storage"),
    Parameter("curtailment.storage", "1", "", 0, 2, "储能对消纳的作用", "rise of that share per unit of storage power over mean load"),
    Parameter("curtailment.slope", "1", "", 0.1, 10, "超出部分的边际弃电", "how fast further wind and solar is lost"),
    Parameter("storage.losses", "TWh/GW/yr", "", 0, 1, "新增储能损耗", "loss of added storage"),
    Parameter("thermal.minimum", "1", "", 0, 0.5, "火电最小出力占比", "lowest share of thermal generation"),
    Parameter("gas.share.maximum", "1", "", 0, 1, "气电占火电上限", "highest share of gas in thermal generation"),
    Parameter("gas.efficiency", "1", "", 0.2, 0.7, "气电效率", "efficiency of gas power"),
    Parameter("heat.fuel", "1", "", 1, 2, "单位供热的燃料", "fuel per unit of heat supplied"),
    Parameter("electrolysis.efficiency", "1", "", 0.3, 1, "电解效率", "efficiency of electrolysis"),
    Parameter("reforming.efficiency", "1", "", 0.3, 1, "天然气制氢效率", "efficiency of hydrogen from gas"),
    Parameter("capture.electricity", "TWh/Mt CO2", "", 0, 1, "捕集耗电", "electricity per captured CO2"),
    Parameter("capture.penalty", "1", "", 0, 1, "捕集电厂附加煤耗", "additional coal of a plant with full capture"),
    Parameter("primary.equivalent", "kgce/kWh", "", 0.1, 0.5, "非化石电力折标系数", "coal equivalent of power without fossil fuel"),
    Parameter("imports.fossil", "t CO2/MWh", "", 0.3, 1.2, "外来电中火电的排放因子",
        "emission factor of the fossil part of imported power"),
    Parameter("sink.base", "Mt CO2/yr", "", 0, 300, "基年碳汇（清单未给出时）",
        "uptake in the base year, used only where the inventory has none"),
    Parameter("sink.level", "1", "", 0, 2, "碳汇长期水平（基年=1）", "long-run uptake (base year = 1)"),
    Parameter("sink.rate", "1/yr", "", 0, 0.5, "碳汇饱和速率", "speed of saturation of the uptake"),
    Parameter("inventory.share", "1", "split", 0, 1, "在清单部门能源中的份额", "share in the energy of a sector of the inventory"),
    Parameter("electricity.share", "1", "sector", 0, 1, "分部门用电比例（清单未给出时）",
        "sector shares of final power use, used only where the inventory has none"),
    Parameter("electricity.losses", "1", "", 0, 0.2, "线损与厂用电率（清单未给出时）",
        "losses and own use, share of gross demand, used only where the inventory has none"),
)  # fmt: skip

DRAWS: Final = (
    Parameter("draw.growth.gdp", "1/yr", "", -0.05, 0.05, "经济增速偏差", "shift of GDP growth within a growth case"),
    Parameter("draw.growth.population", "1/yr", "", -0.02, 0.02, "人口增速偏差", "shift of population growth"),
    Parameter("draw.elasticity.fuel", "1", "", 0, 3, "燃料弹性系数", "factor on the elasticities of fuel services"),
    Parameter("draw.elasticity.electricity", "1", "", 0, 3, "电力弹性系数", "factor on the elasticities of power services"),
    Parameter("draw.efficiency", "1", "", 0, 3, "节能速率系数", "factor on the yearly falls of intensity"),
    Parameter("draw.maturity", "1", "", 0, 3, "需求饱和系数", "factor on the distance to the long-run demand per head"),
    Parameter("draw.error.energy", "1", "", 0.2, 2, "能源排放基年误差", "error of energy CO2 in the base year"),
    Parameter("draw.error.process", "1", "", 0.2, 2, "过程排放基年误差", "error of process CO2 in the base year"),
    Parameter("draw.imports.factor", "1", "", 0, 3, "外来电因子系数", "factor on the emission factor of imported power"),
    Parameter("draw.imports.volume", "1", "", 0, 2, "外来电量系数", "factor on the volume of imported power"),
    Parameter("draw.hours.hydro", "1", "", 0.3, 2, "来水系数", "factor on hydro output"),
    Parameter("draw.hours.renewable", "1", "", 0.3, 2, "风光出力系数", "factor on wind and solar output"),
    Parameter("draw.sink", "1", "", 0, 3, "碳汇系数", "factor on the uptake of land"),
)  # fmt: skip
"""Uncertain quantities: the value is the central one; low and high are the 5 and 95 % points."""

PARAMETERS: Final = (*CONTROLS, *CONSTANTS, *DRAWS)
BY_NAME: Final = {p.name: p for p in PARAMETERS}

CONTROL_ROWS: Final = {
    **{(p.name, s): i * len(DEMAND) + j for i, p in enumerate(SECTOR_CONTROLS) for j, s in enumerate(DEMAND)},
    **{(p.name, ""): len(SECTOR_CONTROLS) * len(DEMAND) + i for i, p in enumerate(SCALAR_CONTROLS)},
}
"""Row of a control in the array of controls, by (name, sector or "")."""

FILE: Final = "parameters.csv"
COLUMNS: Final = (
    Column("name", "choice", choices=list(BY_NAME), refers_to="tanlu.pathways.parameters", note="declared parameter"),
    Column("index", required=False, note="member of the set over which the parameter runs; empty for a single number"),
    Column("value", "number"),
    Column("unit", note="must be the declared unit"),
    Column("low", "number", False, note="5 % point of what seems possible"),
    Column("high", "number", False, note="95 % point"),
    Column("source", note="id of a source; assumption where there is none"),
    Column("grade", "grade"),
    Column("note_zh", required=False),
    Column("note_en", required=False),
)


@dataclass(frozen=True, slots=True)
class ParameterValue:
    """A number of ``parameters.csv``."""

    name: str
    index: str
    value: float
    unit: str
    low: float | None
    high: float | None
    source: str
    grade: Grade
    note_zh: str
    note_en: str

    @property
    def id(self) -> str:
        """Identifier of the assumption in a lineage."""
        return f"parameter:{self.name}" + (f":{self.index}" if self.index else "")


@dataclass(frozen=True)
class ParameterSet:
    """All parameters of a province, by name and index."""

    values: Mapping[tuple[str, str], ParameterValue]

    def scalar(self, name: str) -> float:
        """Return a single number in its declared unit."""
        return self.values[name, ""].value

    def array(self, name: str) -> Floats:
        """Return a parameter over its set, in the order of the set and the declared unit."""
        return np.array([self.values[name, i].value for i in INDEX[BY_NAME[name].index]])


def read_parameters(folder: Path, root: Path, problems: list[Problem]) -> ParameterSet:
    """Read ``parameters.csv``; problems are appended.

    A declared number that is missing, a wrong unit, an unknown index and a value outside the limits of sense are problems.
    """
    table = read_table(folder / FILE, COLUMNS, key=("name", "index"), root=root)
    problems.extend(table.problems)
    found: dict[tuple[str, str], ParameterValue] = {}
    for row, line in zip(table.rows, table.lines, strict=True):
        value = ParameterValue(**row)  # type: ignore[arg-type]
        problems.extend(_faults(value, table.file, line))
        found[value.name, value.index] = value
    if not table.problems:
        wanted = {(p.name, i) for p in PARAMETERS for i in INDEX[p.index]}
        problems.extend(
            Problem("missing_parameter", table.file, field=name, value=index)
            for name, index in sorted(wanted - set(found))
        )
    return ParameterSet(found)


def _faults(value: ParameterValue, file: str, line: int) -> list[Problem]:
    declared, out = BY_NAME[value.name], []
    if value.unit != declared.unit:
        out.append(Problem("wrong_unit", file, line, "unit", value.unit, {"wanted": declared.unit}))
    members = INDEX[declared.index]
    if value.index not in members:
        details = {"refers_to": declared.index or "''", "some": ", ".join(members) or "''"}
        out.append(Problem("unknown_choice", file, line, "index", value.index, details))
    for field in ("value", "low", "high"):
        number = getattr(value, field)
        if number is not None and number < declared.minimum:
            out.append(Problem("below_minimum", file, line, field, f"{number:g}", {"minimum": f"{declared.minimum:g}"}))
        if number is not None and number > declared.maximum:
            out.append(Problem("above_maximum", file, line, field, f"{number:g}", {"maximum": f"{declared.maximum:g}"}))
    return out


def parameter_table() -> str:
    """Return the declared parameters as a Markdown table, for the documentation."""
    head = "| name | unit | over | meaning | 含义 | lever |\n|---|---|---|---|---|---|\n"
    return head + "".join(
        f"| `{p.name}` | {p.unit} | {p.index or '–'} | {p.en} | {p.zh} | {'yes' if p.control else ''} |\n"
        for p in PARAMETERS
    )
