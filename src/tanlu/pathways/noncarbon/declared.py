"""The sources of other gases, and the numbers that they need: one declared table with units, from which the data file is checked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from tanlu.pathways.assumptions import Assumption
from tanlu.pathways.parameters import Parameter

SETS: Final[dict[str, tuple[str, ...]]] = {
    "season": ("early", "middle", "late"),
    "animal": ("pig", "cattle", "goat", "poultry"),
    "component": ("food", "garden", "paper", "wood", "textile"),
    "refrigerant": ("HFC-32", "HFC-125", "HFC-134a"),
    "bank": ("stationary", "mobile"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """A source of a gas: id, gas, IPCC category, the assumptions that it rests on; the category of the inventory that it must meet."""

    id: str
    gas: str
    category: str
    rests_on: tuple[str, ...]
    inventory: str = ""


ROWS: Final = (
    Row("coal_mines", "CH4", "1.B.1.a", ("coal.output", "coal.link", "mine.methane", "mine.used"), "1.B.1.a"),
    Row("gas_systems", "CH4", "1.B.2.b", ("gas.leak", "gas.avoided")),
    Row("power", "CH4", "1.A.1.a", ("emission.factor", "biomass.heat")),
    Row("power", "N2O", "1.A.1.a", ("emission.factor", "biomass.heat")),
    Row("fuel_use", "CH4", "1.A", ("emission.factor",)),
    Row("fuel_use", "N2O", "1.A", ("emission.factor",)),
    Row("caprolactam", "N2O", "2.B.4", ("caprolactam.output", "caprolactam.factor", "caprolactam.abated")),
    Row("rice", "CH4", "3.C.7", ("rice.area", "rice.flux", "rice.managed", "rice.effect")),
    Row("enteric", "CH4", "3.A.1", ("heads", "enteric.factor", "enteric.managed", "enteric.effect")),
    Row("manure", "CH4", "3.A.2", ("heads", "manure.methane", "manure.managed", "manure.effect")),
    Row("manure", "N2O", "3.A.2", ("heads", "manure.nitrous", "manure.managed", "manure.effect")),
    Row("soils", "N2O", "3.C.4", (
        "nitrogen.synthetic", "nitrogen.organic", "nitrogen.saved", "soil.direct", "soil.volatilised.synthetic",
        "soil.volatilised.organic", "soil.redeposited", "soil.leached", "soil.leaching",
    )),
    Row("landfill", "CH4", "4.A", (
        "waste.landfilled", "waste.head", "landfill.share", "landfill.recovered", "waste.composition", "waste.carbon",
        "waste.decay", "landfill.methane", "landfill.oxidised",
    )),
    Row("wastewater", "CH4", "4.D", ("wastewater.load", "wastewater.capacity", "wastewater.correction", "wastewater.recovered")),
    Row("wastewater", "N2O", "4.D", ("wastewater.nitrogen", "wastewater.nitrous")),
    *(
        Row("cooling", gas, "2.F.1", (
            "cooling.charge", "cooling.start", "cooling.hfc", "cooling.blend", "cooling.retirement", "cooling.leakage", "cooling.filling",
            "cooling.low_gwp", "cooling.recovered",
        ))
        for gas in SETS["refrigerant"]
    ),
    Row("switchgear", "SF6", "2.G.1", (
        "switchgear.bank", "switchgear.leakage", "switchgear.retirement", "switchgear.recovered", "switchgear.free",
    )),
    Row("electronics", "CF4", "2.E", ("electronics.area", "electronics.factor", "electronics.abated")),
)  # fmt: skip
GASES: Final = tuple(dict.fromkeys(row.gas for row in ROWS))


def _c(name: str, zh: str, en: str) -> Parameter:
    return Parameter(name, "1", "", 0.0, 1.0, zh, en, control=True)


CONTROLS: Final = (
    _c("mine.used", "煤矿瓦斯抽采利用或销毁比例", "share of mine methane that is used or destroyed"),
    _c("gas.avoided", "天然气系统泄漏减少比例", "share of gas leakage that is avoided"),
    _c("caprolactam.abated", "己内酰胺氧化亚氮分解比例", "share of the N2O of caprolactam that is destroyed"),
    _c("rice.managed", "稻田节水控排面积比例", "share of the rice area with low-emission management"),
    _c("enteric.managed", "反刍动物低排放饲养比例", "share of enteric methane reached by feed measures"),
    _c("manure.managed", "粪污沼气化等处理的新增比例", "share of manure emissions reached by treatment"),
    _c("nitrogen.saved", "化肥氮减量比例", "share of synthetic nitrogen that is saved"),
    _c("landfill.share", "生活垃圾填埋比例", "share of municipal waste that is landfilled"),
    _c("landfill.recovered", "填埋气收集利用比例", "share of landfill methane that is collected"),
    _c("wastewater.recovered", "污水甲烷回收比例", "share of wastewater methane that is recovered"),
    _c("cooling.low_gwp", "新设备采用低温室效应制冷剂比例", "share of new cooling equipment without HFC"),
    _c(
        "cooling.recovered",
        "报废设备制冷剂回收比例",
        "share of the refrigerant of scrapped equipment that is recovered",
    ),
    _c("switchgear.free", "新开关设备不用六氟化硫比例", "share of new switchgear without SF6"),
    _c("electronics.abated", "电子行业含氟气体处理比例", "share of fluorinated gases of electronics that is destroyed"),
)
CONTROL_NAMES: Final = tuple(c.name for c in CONTROLS)

DECLARED: Final = (
    *(Assumption(c.name, c.unit, (), c.minimum, c.maximum, c.zh, c.en) for c in CONTROLS),
    Assumption("coal.output", "Mt/yr", (), 0, 500, "基年原煤产量", "raw coal output of the base year"),
    Assumption("coal.link", "1", (), 0, 1, "原煤产量随省内煤炭消费变化的比例", "how far coal output follows coal use in the province"),
    Assumption("mine.methane", "kg/t", (), 0, 60, "采煤与采后甲烷", "methane in and after mining"),
    Assumption("gas.leak", "kt/PJ", (), 0, 1, "输、储、配气泄漏", "leakage of transmission, storage and distribution"),
    Assumption("caprolactam.output", "Mt/yr", (), 0, 10, "基年己内酰胺产量", "caprolactam output of the base year"),
    Assumption("caprolactam.factor", "kg/t", (), 0, 20, "己内酰胺氧化亚氮", "N2O of caprolactam"),
    Assumption("rice.area", "10^3 ha", ("season",), 0, 10000, "水稻面积", "harvested area of rice"),
    Assumption("rice.flux", "kg/ha", ("season",), 0, 1000, "稻田甲烷排放", "methane of a season"),
    Assumption("rice.effect", "1", (), 0, 1, "稻田措施减排幅度", "what the management of rice avoids"),
    Assumption("heads", "10^6 heads", ("animal",), 0, 2000, "存栏", "animals in stock"),
    Assumption("enteric.factor", "kg/head/yr", ("animal",), 0, 150, "肠道甲烷", "enteric methane"),
    Assumption("enteric.effect", "1", (), 0, 1, "饲养措施减排幅度", "what feed measures avoid"),
    Assumption("manure.methane", "kg/head/yr", ("animal",), 0, 50, "粪便甲烷", "methane of manure"),
    Assumption("manure.nitrous", "kg/head/yr", ("animal",), 0, 5, "粪便氧化亚氮", "N2O of manure"),
    Assumption("manure.effect", "1", (), 0, 1, "粪污处理减排幅度", "what treatment of manure avoids"),
    Assumption("nitrogen.synthetic", "kt/yr", (), 0, 20000, "化肥氮", "nitrogen in fertiliser"),
    Assumption("nitrogen.organic", "kt/yr", (), 0, 20000, "有机氮（粪肥、秸秆）", "nitrogen in manure and residues"),
    Assumption("soil.direct", "1", (), 0, 0.1, "直接排放因子EF1", "N2O-N per N put on (EF1)"),
    Assumption("soil.volatilised.synthetic", "1", (), 0, 1, "化肥氮挥发比例", "volatilised share of synthetic N"),
    Assumption("soil.volatilised.organic", "1", (), 0, 1, "有机氮挥发比例", "volatilised share of organic N"),
    Assumption("soil.redeposited", "1", (), 0, 0.1, "大气沉降因子EF4", "N2O-N per N that comes down (EF4)"),
    Assumption("soil.leached", "1", (), 0, 1, "淋溶比例", "leached share"),
    Assumption("soil.leaching", "1", (), 0, 0.1, "淋溶因子EF5", "N2O-N per leached N (EF5)"),
    Assumption("waste.landfilled", "kt/yr", (), 0, 100000, "历年填埋量（至基年）", "waste landfilled up to the base year"),
    Assumption("waste.head", "kg/person/yr", (), 0, 2000, "人均生活垃圾", "municipal waste a person"),
    Assumption("waste.composition", "1", ("component",), 0, 1, "填埋垃圾组成（湿重）", "composition of landfilled waste, wet"),
    Assumption("waste.carbon", "1", ("component",), 0, 1, "可分解碳 DOC×DOCf×MCF", "decomposable carbon, DOC × DOC_f × MCF"),
    Assumption("waste.decay", "1/yr", ("component",), 0.001, 1, "分解速率", "rate of decay"),
    Assumption("landfill.methane", "1", (), 0, 1, "填埋气甲烷体积分数", "methane in landfill gas by volume"),
    Assumption("landfill.oxidised", "1", (), 0, 1, "覆盖层氧化比例", "share oxidised in the cover"),
    Assumption("wastewater.load", "g/person/d", (), 0, 200, "生活污水有机负荷（BOD）", "organic load of wastewater (BOD)"),
    Assumption("wastewater.capacity", "kg/kg", (), 0, 1, "最大产甲烷能力B0", "methane capacity B0"),
    Assumption("wastewater.correction", "1", (), 0, 1, "平均甲烷修正因子", "mean methane correction factor"),
    Assumption("wastewater.nitrogen", "kg/person/yr", (), 0, 20, "污水含氮", "nitrogen in wastewater"),
    Assumption("wastewater.nitrous", "1", (), 0, 0.1, "污水氧化亚氮因子", "N2O-N per N of wastewater"),
    Assumption("cooling.charge", "kg/person", ("bank",), 0, 50, "人均制冷设备充注量", "refrigerant charge of equipment in use a person"),
    Assumption("cooling.start", "1", ("bank",), 0, 1, "基年存量中 HFC 比例", "share of HFC in the charge of the base year"),
    Assumption("cooling.hfc", "1", ("bank",), 0, 1, "新设备中 HFC 比例（无进一步措施）",
        "share of HFC in new equipment without further policy"),
    Assumption("cooling.blend", "1", ("bank", "refrigerant"), 0, 1, "HFC 组成（质量）", "composition of the HFC by mass"),
    Assumption("cooling.retirement", "1/yr", ("bank",), 0.005, 0.5, "制冷设备年报废率", "share of cooling equipment scrapped in a year"),
    Assumption("cooling.leakage", "1/yr", ("bank",), 0, 0.5, "制冷剂年泄漏率", "share of the refrigerant that leaks in a year"),
    Assumption("cooling.filling", "1", ("bank",), 0, 0.2, "制冷剂充注损失", "share of the refrigerant lost in filling"),
    Assumption("switchgear.bank", "t/TWh", (), 0, 100, "单位用电的开关设备六氟化硫存量", "SF6 in switchgear per power use"),
    Assumption("switchgear.leakage", "1/yr", (), 0, 0.3, "开关设备六氟化硫年泄漏率", "share of the SF6 in switchgear that leaks in a year"),
    Assumption("switchgear.retirement", "1/yr", (), 0.005, 0.5, "开关设备年报废率", "share of switchgear scrapped in a year"),
    Assumption("switchgear.recovered", "1", (), 0, 1, "开关设备报废时六氟化硫回收比例",
        "share of the SF6 recovered from scrapped switchgear"),
    Assumption("electronics.area", "10^6 m2/yr", (), 0, 1000, "面板产量", "output of flat panels"),
    Assumption("electronics.factor", "kg/m2", (), 0, 10, "单位面积CF4", "CF4 per area"),
)  # fmt: skip
