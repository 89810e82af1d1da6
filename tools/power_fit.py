"""Fit the power rule to the optimised systems of a province and write the numbers into its parameters.

    python tools/power_fit.py hunan

The systems are made by ``tools/power_systems.py``.
"""

from __future__ import annotations

import csv
import sys

from tanlu.core.province import province_folder
from tanlu.pathways.power_fit import PowerFit, fit_power
from tanlu.pathways.power_systems import read_power_systems

SOURCE = "tanlu-energy"


def filled(row: list[str], fit: PowerFit) -> list[str]:
    """Return a row of ``parameters.csv`` with the fitted number, its interval and where it comes from."""
    name = row[0]
    if name not in fit.values:
        return row
    low, high = fit.range(name)
    zh = f"按{fit.systems}个优化系统拟合（docs/methods/pathway-power.md），系统散列{fit.hash}"
    en = f"fitted to {fit.systems} optimised systems (docs/methods/pathway-power.md), hash of the systems {fit.hash}"
    return [name, "", f"{fit.values[name]:.4g}", row[3], f"{low:.4g}", f"{high:.4g}", SOURCE, "D", zh, en]


def main() -> None:
    """Rewrite the rows of the fitted parameters; all others stay as they are."""
    folder = province_folder(sys.argv[1]) / "pathways"
    fit = fit_power(read_power_systems(folder))
    path = folder / "parameters.csv"
    with path.open(encoding="utf-8", newline="") as stream:
        rows = [filled(row, fit) for row in csv.reader(stream)]
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerows(rows)
    print(fit)


if __name__ == "__main__":
    main()
