"""Time slices of a folder: steps of a length and number of their own, where a model does not go hour by hour."""

from __future__ import annotations

import csv
import math
from typing import Final

import numpy as np

from tanlu.energy.problem import Floats
from tanlu.energy.reading.report import Report

SLICES: Final = "slices.csv"
HEADER: Final = ("hour", "length", "occurrences")


def read_slices(report: Report, hours: int) -> tuple[Floats | None, Floats | None]:
    """Return length [h] and number in a year [1/a] of every step, (H,) each; None where there is no ``slices.csv``.

    Parameters
    ----------
    report : Report
        Where problems go.
    hours : int
        Steps of the profiles.
    """
    file = report.folder / SLICES
    if not file.is_file():
        return None, None
    with file.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.reader(stream))
    if not rows or tuple(rows[0]) != HEADER or len(rows) != hours + 1:
        report.cell("energy_slices", SLICES, 1, ", ".join(HEADER), len(rows) - 1, expected=hours)
        return None, None
    values = np.ones((hours, 2))
    for at, row in enumerate(rows[1:]):
        for column, (field, text) in enumerate(zip(HEADER[1:], row[1:], strict=False)):
            try:
                values[at, column] = float(text)
            except ValueError:
                values[at, column] = math.nan
            if not values[at, column] > 0:
                report.cell("energy_slice", SLICES, at + 2, field, text)
    return values[:, 0], values[:, 1]
