"""Monthly forms of a demonstration fleet: what enterprises with furnaces state of electricity and fuel after the month.

Forms are readings of meters with a step of a month. A form states what its meter counted with a deviation of its own each month, of 0.8 %
in standard deviation (grade D: well within the 5 % by which days and month may differ). Who tampers with forms states 12 % less.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tanlu.monitor.fleet.incidents import IncidentKind
from tanlu.monitor.schema import CIVIL_OFFSET, DAY, MeterKind

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tanlu.monitor.fleet.design import Fleet

_NOISE: Final = 0.008
_DAYS_LATE: Final = 5
"""Days after the end of a month on which its form arrives."""
STEP: Final = 31 * DAY


@dataclass(frozen=True)
class MonthForms:
    """Forms of one month: positions of `Forms.targets`, stamp [s], whole numbers, and when they became known [s]."""

    month: str
    ts: int
    value: NDArray[np.int64]
    known_at: int


class Forms:
    """Adds up what meters count, and gives the forms of every month that lies wholly in the fleet.

    Parameters
    ----------
    fleet : Fleet
    """

    def __init__(self, fleet: Fleet) -> None:
        self.fleet = fleet
        owners = {fleet.meters[int(row[4])]["unit"].rpartition("-f")[0] for row in fleet.stacks}
        mains = [int(m) for m in fleet.mains if fleet.meters[int(m)]["unit"] in owners]
        self.targets = sorted({*mains, *(int(row[4]) for row in fleet.stacks)})
        """Positions of the meters of which there is a form: main meters and fuel meters of furnaces."""
        self._sums = np.zeros(len(self.targets))
        self._first: datetime.date | None = None
        low = {i.target: i.value for i in fleet.incidents if i.kind is IncidentKind.FORM_LOW}
        self._share = np.array([low.get(t, 1.0) for t in self.targets])

    def meters(self) -> Iterator[dict[str, Any]]:
        """Yield the meters of the forms, in the order of `targets`."""
        for target in self.targets:
            of = self.fleet.meters[target]
            name = f"{of['unit']}-form-{of['carrier'].replace('_', '-')}"
            yield {
                **of, "id": name, "kind": MeterKind.INTERVAL.value, "step": STEP, "ratio": 1, "decimals": 0, "roll": "", "parent": "",
                "counted": False, "accuracy": "", "rating": "", "calibrated_on": "", "calibration_months": "", "position": name,
                "valid_from": "", "valid_to": "", "zh": "演示月报", "en": "Demonstration monthly form",
            }  # fmt: skip

    def add(self, day: int, rates: NDArray[np.float32]) -> MonthForms | None:
        """Take a day; return the forms of its month if it was the last one and all of the month was seen."""
        fleet, date = self.fleet, datetime.date.fromisoformat(str(np.datetime64(day, "D")))
        if date.day == 1:
            self._first, self._sums[:] = date, 0.0
        self._sums += rates[self.targets].astype(float).sum(axis=1) * (fleet.step / 3600)
        if self._first is None or (date + datetime.timedelta(days=1)).day != 1:
            return None
        rng = np.random.default_rng([fleet.seed, 10, day])
        amounts = self._sums * (1 + fleet.gain[self.targets]) * self._share
        stated = np.rint(amounts * (1 + _NOISE * rng.standard_normal(len(amounts)))).astype(np.int64)
        end = (day + 1) * DAY - CIVIL_OFFSET
        return MonthForms(f"{date:%Y-%m}", end, stated, end + _DAYS_LATE * DAY)
