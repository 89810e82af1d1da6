"""An account of activity rows as pandas programs: row by row, and with whole columns.

Both get the factors ready for each method, words, province and year, in the units of the methods, and know nothing of checks, lineage or
intervals. The formulas take numbers and columns alike.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

SCALES = {"万吨": 1e4, "万千瓦时": 10.0, "kWh": 1e-3, "万亩": 1e4 / 15}
"""Units of the file that are not the ones of the formulas."""
WORDS = ("animal", "burnt_component", "crop", "fuel", "gas_class", "mine", "season", "sector", "wastewater_path")
ABSENT = {"carbide_slag_clinker": 0.0, "electricity_sold": 0.0, "recovered_methane": 0.0, "straw_dry_matter": 0.85}
"""Values where a record gives none."""
KEY = ["method", "words", "province", "period"]
Formula = Callable[[Mapping[str, Any]], dict[str, Any]]


def _fuel(v: Mapping[str, Any]) -> dict[str, Any]:
    carbon = v["fuel_amount"] * v["net_calorific_value"] * v["carbon_content"] * v["oxidation_factor"]
    return {"CO2": carbon * 44 / 12}


def _steel(v: Mapping[str, Any]) -> dict[str, Any]:
    fluxes = v["limestone_flux"] * v["limestone_factor"] + v["dolomite_flux"] * v["dolomite_flux_factor"]
    return {"CO2": fluxes + (v["pig_iron_used"] * v["pig_iron_carbon"] - v["steel_made"] * v["steel_carbon"]) * 44 / 12}


def _mine(v: Mapping[str, Any]) -> dict[str, Any]:
    volume = v["coal_production"] * (v["mining_methane_factor"] + v["post_mining_methane_factor"])
    return {"CH4": (volume - v["recovered_methane"]) * v["methane_density"] / 1000}


def _incineration(v: Mapping[str, Any]) -> dict[str, Any]:
    carbon = v["waste_burnt"] * v["waste_carbon"] * v["fossil_carbon_fraction"] * v["oxidation_factor"]
    return {"CO2": carbon * 44 / 12}


def _wastewater(v: Mapping[str, Any]) -> dict[str, Any]:
    made = v["domestic_cod"] * v["bod_cod_ratio"] * v["methane_capacity"] * v["methane_correction_factor"]
    return {"CH4": made - v["recovered_methane"]}


def _straw(v: Mapping[str, Any]) -> dict[str, Any]:
    burnt = v["crop_output"] * v["straw_ratio"] * v["burnt_share"] * v["straw_dry_matter"] * v["combustion_factor"]
    return {"CH4": burnt * v["burning_ch4_factor"] / 1000, "N2O": burnt * v["burning_n2o_factor"] / 1000}


FORMULAS: dict[str, Formula] = {
    "fuel-combustion": _fuel,
    "electricity-location-based": lambda v: {"memo": (v["electricity"] - v["electricity_sold"]) * v["grid_factor"]},
    "cement-clinker": lambda v: {"CO2": (v["clinker"] - v["carbide_slag_clinker"]) * v["clinker_factor"]},
    "steel-process": _steel,
    "coal-mine-methane": _mine,
    "incineration": _incineration,
    "domestic-wastewater-ch4": _wastewater,
    "rice-methane": lambda v: {"CH4": v["area"] * v["seasonal_factor"] / 1000},
    "enteric-fermentation": lambda v: {"CH4": v["heads"] * v["enteric_factor"] / 1000},
    "manure-methane": lambda v: {"CH4": v["heads"] * v["manure_ch4_factor"] / 1000},
    "straw-burning": _straw,
    "urea-application": lambda v: {"CO2": v["urea"] * v["urea_carbon"] * 44 / 12},
}
SUBJECTS = {
    "fuel-combustion": ["fuel"], "coal-mine-methane": ["gas_class", "mine"], "incineration": ["burnt_component"],
    "domestic-wastewater-ch4": ["wastewater_path"], "rice-methane": ["season"], "enteric-fermentation": ["animal"],
    "manure-methane": ["animal"], "straw-burning": ["crop"],
}  # fmt: skip
"""Words on which the factors of a method depend."""


def by_row(rows: pd.DataFrame, factors: pd.DataFrame, out: Path) -> dict[str, float]:
    """Return the totals [t], one record after the other, every factor looked up in the table of factors.

    Parameters
    ----------
    rows : DataFrame
        Rows of the activity file, as texts.
    factors : DataFrame
        Columns ``method``, ``words``, ``province``, ``period``, ``input``, ``value``.
    out : Path
        CSV of the results.
    """
    results = []
    for record, group in rows.groupby("record", sort=False):
        values: dict[str, Any] = dict(ABSENT)
        for _, row in group.iterrows():
            words = row["input"] in WORDS
            values[row["input"]] = row["value"] if words else float(row["value"]) * SCALES.get(row["unit"], 1.0)
        method, province, period = row["method"], row["place"].split("/")[0], row["period"]
        key = "|".join(values[name] for name in SUBJECTS.get(method, []))
        found = factors[
            (factors["method"] == method)
            & (factors["words"] == key)
            & (factors["province"] == province)
            & (factors["period"] == period)
        ]
        for _, factor in found.iterrows():
            values.setdefault(factor["input"], factor["value"])
        for gas, value in FORMULAS[method](values).items():
            results.append({"record": record, "gas": gas, "value": value})
    table = pd.DataFrame(results)
    table.to_csv(out, index=False)
    return table.groupby("gas")["value"].sum().to_dict()


def by_column(path: Path, factors: pd.DataFrame, out: Path) -> dict[str, float]:
    """Return the totals [t] with one pivot of the rows, one merge with the factors, and one formula a method."""
    rows = pd.read_csv(path, dtype=str, keep_default_na=False)
    wide = rows.pivot(index="record", columns="input", values="value")
    units = rows.pivot(index="record", columns="input", values="unit")
    numbers = [name for name in wide if name not in WORDS]
    scales = units[numbers].apply(lambda column: column.map(SCALES)).fillna(1.0)
    wide[numbers] = wide[numbers].astype(float) * scales
    heads = rows.drop_duplicates("record").set_index("record")
    wide["method"], wide["period"] = heads["method"], heads["period"]
    wide["province"] = heads["place"].str.split("/").str[0]
    table = factors.pivot(index=KEY, columns="input", values="value")
    results = []
    for method, formula in FORMULAS.items():
        part = wide[wide["method"] == method]
        words = SUBJECTS.get(method, [])
        key = part[words[0]].str.cat([part[w] for w in words[1:]], sep="|") if words else ""
        part = part.assign(words=key).merge(table, left_on=KEY, right_index=True, how="left", suffixes=("", "_library"))
        for name in [n for n in part if n.endswith("_library")]:
            part[name.removesuffix("_library")] = part[name.removesuffix("_library")].fillna(part[name])
        part = part.reindex(columns=part.columns.union(list(ABSENT))).fillna(ABSENT)
        for gas, value in formula(part).items():
            results.append(pd.DataFrame({"gas": gas, "value": value}))
    found = pd.concat(results)
    found.to_csv(out)
    return found.groupby("gas")["value"].sum().to_dict()
