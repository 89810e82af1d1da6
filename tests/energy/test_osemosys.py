"""OSeMOSYS models from otoole's folders of CSV files: UTOPIA has the cost that its authors publish."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.sharing import read_yaml

from tanlu.core.errors import DataError
from tanlu.energy.certificate import solve
from tanlu.energy.interop.osemosys import read_osemosys

PUBLISHED = Path(__file__).parent / "published"
UTOPIA: dict[str, Any] = read_yaml(PUBLISHED / "utopia.yaml")
YEARS = [str(year) for year in range(UTOPIA["years"][0], UTOPIA["years"][1] + 1)]
REGION = "UTOPIA"


def by_year(value: Any) -> Iterator[tuple[str, float]]:
    """Yield year and value of a number, a list, or a straight line."""
    if isinstance(value, dict):
        value = np.linspace(value["from"], value["to"], len(YEARS)).tolist()
    yield from zip(YEARS, value if isinstance(value, list) else [value] * len(YEARS), strict=True)


def write(folder: Path, name: str, rows: list[tuple[object, ...]]) -> None:
    """Write a parameter in long form."""
    with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow([f"I{n}" for n in range(len(rows[0]) - 1)] + ["VALUE"])
        writer.writerows(rows)


def utopia(folder: Path) -> Path:
    """Write UTOPIA as otoole does."""
    data = UTOPIA
    for name, members in {**data["sets"], "YEAR": YEARS}.items():
        (folder / f"{name}.csv").write_text("VALUE\n" + "\n".join(map(str, members)) + "\n", encoding="utf-8")
    write(folder, "default_values", list(data["defaults"].items()))
    for name, value in data["scalars"].items():
        write(folder, name, [(REGION, value)])
    write(folder, "YearSplit", [(s, y, v) for s, value in data["YearSplit"].items() for y, v in by_year(value)])
    write(
        folder, "SpecifiedDemandProfile",
        [(REGION, f, s, y, v) for f, shares in data["SpecifiedDemandProfile"].items() for s, share in shares.items() for y,
        v in by_year(share)],
    )  # fmt: skip
    for name in ("CapacityToActivityUnit", "OperationalLife"):
        write(folder, name, [(REGION, t, v) for t, v in data[name].items()])
    slices = data["sets"]["TIMESLICE"]
    write(
        folder, "CapacityFactor", [(REGION, t, s, y, v) for t, value in data["CapacityFactor"].items() for s in slices for y,
        v in by_year(value)]
    )  # fmt: skip
    for name in ("InputActivityRatio", "OutputActivityRatio"):
        write(
            folder, name,
            [(REGION, t, f, m, y, v) for t, modes in data[name].items() for m, fuels in modes.items() for f,
            r in fuels.items() for y, v in by_year(r)],
        )  # fmt: skip
    write(
        folder,
        "VariableCost",
        [(REGION, t, "1", y, v) for t, value in data["VariableCost"].items() for y, v in by_year(value)],
    )
    for name in (
        "SpecifiedAnnualDemand", "AccumulatedAnnualDemand", "FixedCost", "CapitalCost", "ResidualCapacity", "TotalAnnualMaxCapacity",
        "TotalAnnualMinCapacity", "ReserveMarginTagFuel", "ReserveMarginTagTechnology",
    ):  # fmt: skip
        write(folder, name, [(REGION, t, y, v) for t, value in data[name].items() for y, v in by_year(value)])
    write(folder, "ReserveMargin", [(REGION, y, v) for y, v in by_year(data["ReserveMargin"])])
    return folder


def test_utopia_costs_what_osemosys_publishes(tmp_path: Path) -> None:
    read = read_osemosys(utopia(tmp_path))
    assert read.notices == ()
    found = solve(read.system, read.system.grid(), None, solver="highs-simplex", tolerance=1e-9)
    assert found.objective == pytest.approx(UTOPIA["objective"], rel=1e-8)


def test_what_osemosys_says_beyond_the_system_is_told(tmp_path: Path) -> None:
    folder = utopia(tmp_path)
    write(folder, "AvailabilityFactor", [(REGION, "E01", y, 0.9) for y in YEARS])
    write(folder, "TechnologyToStorage", [(REGION, "E51", "DAM", "2", 1)])
    write(folder, "EmissionsPenalty", [(REGION, "NOX", y, 2.0) for y in YEARS])
    told = {notice.code for notice in read_osemosys(folder).notices}
    assert told == {"osemosys_availability", "osemosys_parameter", "osemosys_emission"}


def test_faults_of_the_folder_come_all_at_once(tmp_path: Path) -> None:
    folder = utopia(tmp_path)
    (folder / "FUEL.csv").unlink()
    (folder / "CapitalCost.csv").write_text("REGION,TECHNOLOGY,YEAR,VALUE\nUTOPIA,E01,1990,dear\n", encoding="utf-8")
    with pytest.raises(DataError) as caught:
        read_osemosys(folder)
    assert [(p.code, p.file, p.row) for p in caught.value.problems] == [
        ("network_not_number", "CapitalCost.csv", 2), ("osemosys_no_set", "FUEL.csv", None),
    ]  # fmt: skip
