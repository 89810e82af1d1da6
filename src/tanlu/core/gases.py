"""Greenhouse gases and their 100-year global warming potentials.

Assessment-report sets come from the package *globalwarmingpotentials*. Chinese rules fix their own values; such a set is used by the
name of its rule. Masses of gas are stored; CO2-equivalents are a view through one named set.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final

GASES: Final = ("CO2", "CH4", "N2O", "HFC-23", "CF4", "C2F6", "SF6", "NF3")


@dataclass(frozen=True, slots=True)
class GwpSet:
    """A named set of GWP100 values [t CO2e per t gas] with its source."""

    id: str
    values: dict[str, float]
    source: str

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

_RULES: Final = {
    "cn-enterprise-2013": GwpSet(
        "cn-enterprise-2013",
        {"CO2": 1.0, "CH4": 21.0, "N2O": 310.0},
        "NDRC enterprise accounting guidelines 2013–2015 (24 industries), values of the IPCC second assessment report",
    ),
    "cn-province-2025": GwpSet(
        "cn-province-2025",
        {"CO2": 1.0, "CH4": 28.0},
        "省级温室气体清单编制指南（2025年版），环办气候〔2026〕1号 (CH4 value as transcribed; other gases not read)",
    ),
    "gb-t-32151.22-2024": GwpSet(
        "gb-t-32151.22-2024", {"CO2": 1.0, "CH4": 27.9, "N2O": 273.0}, "GB/T 32151.22-2024, annex C (as transcribed)"
    ),
}
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
    return GwpSet(
        name, values, f"IPCC {name}, GWP100, package globalwarmingpotentials {globalwarmingpotentials.__version__}"
    )
