"""Greenhouse gases and their 100-year global warming potentials.

Assessment-report sets come from the package *globalwarmingpotentials*. Chinese rules fix their own values, in ``library/gwp.csv``; such a
set is used by the name of its rule. Masses of gas are stored; CO2-equivalents are a view through one named set.

The gases are those that the UNFCCC counts; ozone-depleting gases of the Montreal Protocol (CFC, HCFC) are not in inventories.

Notes
-----
The values of methane are those without the CO2 of its oxidation. The reports also give one for fossil methane, which includes that
CO2: 30 in AR5 (WG1 table 8.A.1, note b) and 29.8 in AR6 (WG1 table 7.15). A mass of methane does not say where it came from, and
inventories that count the carbon of fuels in full have that CO2 already, so the other value is used throughout.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Final

from tanlu.core.errors import DataError
from tanlu.core.schema import TableSchema
from tanlu.core.tables import Column, read_table

GASES: Final = (
    "CO2", "CH4", "N2O", "HFC-23", "HFC-32", "HFC-41", "HFC-43-10mee", "HFC-125", "HFC-134", "HFC-134a", "HFC-143", "HFC-143a",
    "HFC-152", "HFC-152a", "HFC-161", "HFC-227ea", "HFC-236cb", "HFC-236ea", "HFC-236fa", "HFC-245ca", "HFC-245fa", "HFC-365mfc",
    "CF4", "C2F6", "C3F8", "c-C4F8", "C4F10", "C5F12", "C6F14", "SF6", "NF3",
)  # fmt: skip
GWP: Final = TableSchema(
    "gwp.csv",
    "Global warming potentials (100 years) that Chinese rules fix; a set is used whole",
    (
        Column("set", note="name of the rule"),
        Column("gas", "choice", choices=GASES, note="gas"),
        Column("value", "number", minimum=0, note="t CO2e per t of gas"),
        Column("title_zh", note="the rule, as it is shown"),
        Column("title_en", note="the rule, as it is shown in English"),
        Column("source", note="id in sources/*.csv"),
        Column("locator", required=False, note="number of the table or clause"),
        Column("note_zh", required=False, note="how it was read, in Chinese"),
        Column("note_en", required=False, note="the same in English"),
    ),
    ("set", "gas"),
)


@dataclass(frozen=True, slots=True)
class GwpSet:
    """A named set of GWP100 values [t CO2e per t gas] with its source, in English and Chinese."""

    id: str
    values: dict[str, float]
    source: str
    source_zh: str

    def title(self, language: str) -> str:
        """Return the source in the given language."""
        return self.source_zh if language == "zh" else self.source

    def __getitem__(self, gas: str) -> float:
        """Return the GWP of a gas.

        Raises
        ------
        KeyError
            If the set fixes no value for the gas; a set is used whole and never filled from another.
        """
        if gas not in self.values:
            raise KeyError(f"GWP set {self.id} fixes no value for {gas}")
        return self.values[gas]


_REPORTS: Final = {"SAR": "SARGWP100", "AR4": "AR4GWP100", "AR5": "AR5GWP100", "AR6": "AR6GWP100"}


def _read_rules() -> dict[str, GwpSet]:
    folder = Path(str(files("tanlu.library")))
    table = read_table(folder / GWP.file, GWP.columns, key=GWP.key, root=folder)
    if table.problems:
        raise DataError(table.problems)
    rules: dict[str, GwpSet] = {}
    for row in table.rows:
        rule = rules.setdefault(
            str(row["set"]), GwpSet(str(row["set"]), {}, str(row["title_en"]), str(row["title_zh"]))
        )
        rule.values[str(row["gas"])] = float(str(row["value"]))
    return rules


_RULES: Final = _read_rules()
GWP_SETS: Final = (*_REPORTS, *_RULES)


@cache
def gwp_set(name: str) -> GwpSet:
    """Return a GWP set by name.

    Parameters
    ----------
    name : str
        One of `GWP_SETS`: an assessment report (SAR, AR4, AR5, AR6) or the set that a Chinese rule fixes.

    Raises
    ------
    KeyError
        If the name is unknown.
    """
    if name in _RULES:
        return _RULES[name]
    if name not in _REPORTS:
        raise KeyError(f"unknown GWP set {name!r}; known: {', '.join(GWP_SETS)}")
    import globalwarmingpotentials

    table = globalwarmingpotentials.data[_REPORTS[name]]
    values = {"CO2": 1.0} | {gas: float(table[key]) for gas in GASES[1:] if (key := gas.replace("-", "")) in table}
    package = f"globalwarmingpotentials {globalwarmingpotentials.__version__}"
    return GwpSet(
        name, values, f"IPCC {name}, GWP100, package {package}", f"IPCC {name} 百年增温潜势，取自程序包 {package}"
    )
