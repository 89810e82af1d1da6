"""How sure the division of an estimated total among sectors is.

Hiding the newest balances and estimating them shows that the total comes out close while sectors miss by much more: what one sector
loses another gains. So each category has an error of its own that grows with the distance from the last balance, and the sum of all
these errors is held at zero.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from tanlu.accounts.province.records import EnergyUse

CAUSE: Final = "allocation:"


def held_total(uses: Sequence[EnergyUse]) -> list[EnergyUse]:
    """Return the uses of one year with allocation errors that cancel in the total CO2.

    Parameters
    ----------
    uses : sequence of EnergyUse
        Of one year; a use carries the error of its own category as cause ``allocation:<category>``.

    Returns
    -------
    list of EnergyUse
        Each use also carries, with the opposite sign, its share of the errors of the other categories.

    Notes
    -----
    With own errors ``a_u`` of uses with CO2 ``x_u``, the error of category c is ``A_c = Σ x_u · a_u`` over its uses and the sum of the year
    ``X = Σ x_u``. A use gets ``e_u(c) = a_u·[u in c] − A_c / X`` as relative error by cause c, so that ``Σ x_u · e_u(c) = 0``.
    """
    free = [u for u in uses if any(c.startswith(CAUSE) for c in u.errors) and u.co2]
    total = sum(u.co2 or 0.0 for u in free)
    by_cause: dict[str, float] = {}
    for use in free:
        for cause, error in use.errors.items():
            if cause.startswith(CAUSE):
                by_cause[cause] = by_cause.get(cause, 0.0) + error * (use.co2 or 0.0)
    if len(by_cause) < 2:
        # with one category alone there is nothing to divide
        return [replace(u, errors={c: e for c, e in u.errors.items() if not c.startswith(CAUSE)}) for u in uses]
    shares = {cause: error / total for cause, error in by_cause.items()}
    chosen = {id(u) for u in free}
    return [
        replace(u, errors={**u.errors, **{c: u.errors.get(c, 0.0) - share for c, share in shares.items()}})
        if id(u) in chosen
        else u
        for u in uses
    ]
