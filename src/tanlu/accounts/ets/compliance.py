"""Compliance of a company in whole allowances: surrender, offsets, carry-over; and the balance value of a sector."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

from tanlu.accounts.ets.plans import plans
from tanlu.accounts.ets.records import Step, exact, plain, sources_of, unique
from tanlu.accounts.rulebook.rounding import Exact, round_down, round_half_up
from tanlu.core.errors import DataError, Problem
from tanlu.core.factors import Factor
from tanlu.core.library import load_library

OFFSET_LIMIT: Final = "cn-ets-rules.offset_limit.power_company"
CARRY_OVER_PLAN: Final = "cn-ets-power-2023"
"""Plan whose annex 5 rules the carry-over of allowances of 2019–2024."""
CARRY_OVER_YEAR: Final = 2024
HALVINGS: Final = 200


@dataclass(frozen=True, slots=True)
class CarryOver:
    """Allowances of earlier years that may become allowances of the next.

    Parameters
    ----------
    net_sales : int
        Allowances sold minus bought in the window of the rule, not below 0 [t].
    holding : int
        Allowances in the account at its end [t].
    limit : int
        Most that the formula allows [t].
    carried, lapsed : int
        What is carried over, and what cannot be used any more [t].
    sale_for_all : int
        Further allowances to sell so that nothing lapses [t].
    steps : tuple of Step
    """

    net_sales: int
    holding: int
    limit: int
    carried: int
    lapsed: int
    sale_for_all: int
    steps: tuple[Step, ...]

    @property
    def factors(self) -> tuple[str, ...]:
        """Ids of the constants."""
        return unique(f for s in self.steps for f in s.factors)


@dataclass(frozen=True, slots=True)
class Compliance:
    """Balance of a company in one year, in whole allowances [t].

    Parameters
    ----------
    obligation : int
        Allowances to be surrendered: the verified emissions.
    available : int
        Allocated, held from before and bought, minus sold.
    offset_limit, offsets : int
        Most certified reductions that may replace allowances, and those that do.
    surrendered : int
        Allowances that are surrendered.
    shortage, surplus : int
        What is missing, or left.
    carry_over : CarryOver, optional
    steps : tuple of Step
    """

    obligation: int
    available: int
    offset_limit: int
    offsets: int
    surrendered: int
    shortage: int
    surplus: int
    carry_over: CarryOver | None
    steps: tuple[Step, ...]

    @property
    def all_steps(self) -> tuple[Step, ...]:
        """Steps of the balance, then of the carry-over."""
        return (*self.steps, *(self.carry_over.steps if self.carry_over else ()))

    @property
    def factors(self) -> tuple[str, ...]:
        """Ids of the constants."""
        return unique(f for s in self.all_steps for f in s.factors)

    @property
    def sources(self) -> tuple[str, ...]:
        """Ids of the documents."""
        return sources_of(self.factors)

    def as_record(self, language: str) -> dict[str, Any]:
        """Return everything as plain data, with the texts in the given language."""
        carried = self.carry_over
        return {
            "obligation": self.obligation,
            "available": self.available,
            "offset_limit": self.offset_limit,
            "offsets": self.offsets,
            "surrendered": self.surrendered,
            "shortage": self.shortage,
            "surplus": self.surplus,
            "carry_over_limit": carried.limit if carried else None,
            "carried": carried.carried if carried else None,
            "lapsed": carried.lapsed if carried else None,
            "steps": [s.as_record(language) for s in self.all_steps],
            "factors": list(self.factors),
            "sources": list(self.sources),
        }


def _whole(**numbers: int) -> None:
    """Check that allowances are whole numbers, not below 0 unless they are net sales.

    Raises
    ------
    DataError
        With every number that is not.
    """
    problems = [
        Problem("ets_not_whole", "allowances", field=name, value=str(value))
        for name, value in numbers.items()
        if isinstance(value, bool) or not isinstance(value, int) or (value < 0 and name != "net_sales")
    ]
    if problems:
        raise DataError(problems)


def _constant(parameter: str) -> Factor:
    return plans()[CARRY_OVER_PLAN].factor(parameter, "power_company", CARRY_OVER_YEAR)


def _sale_for_all(base: Decimal, multiple: Decimal, net_sales: int, holding: int) -> int:
    """Return the least n with ``base + multiple × max(0, net sales + n) ≥ holding − n``: a sale lifts the limit and lowers the holding."""
    # as long as more was bought than sold, a sale lowers the holding only
    if holding - base <= -net_sales:
        return int(holding - base)
    return -int(round_down(Fraction(multiple * net_sales + base - holding) / Fraction(multiple + 1)))


def carry_over(net_sales: int, holding: int) -> CarryOver:
    """Return what of the allowances of 2019–2024 becomes allowances of 2025: ``T = 10 000 + 1.5 × net sales``, cut to whole tonnes.

    Parameters
    ----------
    net_sales : int
        Sold minus bought from 2024-01-01 to 2025-12-31 [t]; below 0 it counts as 0.
    holding : int
        Allowances of 2019–2024 in the account at the end of 2025 [t]; the company has met its obligations.

    Raises
    ------
    DataError
        If a number is not whole.
    """
    _whole(net_sales=net_sales, holding=holding)
    base, multiple = _constant("carry_over_base"), _constant("carry_over_multiple")
    sold = max(net_sales, 0)
    limit = int(round_down(base.decimal + multiple.decimal * sold))
    carried = min(limit, holding)
    lapsed = holding - carried
    further = _sale_for_all(base.decimal, multiple.decimal, net_sales, holding) if lapsed else 0
    formula = f"⌊{plain(base.decimal)} + {plain(multiple.decimal)} × {sold}⌋"
    steps = (
        Step("carry_over_limit", Decimal(limit), "t", formula, (base.id, multiple.id)),
        Step("carried", Decimal(carried), "t", f"min({limit}, {holding})"),
        Step("lapsed", Decimal(lapsed), "t", f"{holding} − {carried}"),
    )
    return CarryOver(sold, holding, limit, carried, lapsed, further, steps)


def compliance(
    emissions: Exact,
    allocated: int,
    *,
    held: int = 0,
    bought: int = 0,
    sold: int = 0,
    offsets: int = 0,
    net_sales: int | None = None,
) -> Compliance:
    """Return the compliance balance of a company.

    Parameters
    ----------
    emissions : number
        Verified emissions [t CO2e]; rounded to whole tonnes.
    allocated : int
        Allowances issued for the year [t].
    held : int
        Allowances of earlier years that may be used for it [t].
    bought, sold : int
        Allowances traded since [t].
    offsets : int
        Certified reductions offered, at most 5 % of the obligation is taken [t].
    net_sales : int, optional
        Sold minus bought in the window of the carry-over rule [t]; given, the carry-over of what is left is computed.

    Raises
    ------
    DataError
        If a number is not whole, or more is sold than there is.
    """
    _whole(allocated=allocated, held=held, bought=bought, sold=sold, offsets=offsets)
    available = allocated + held + bought - sold
    if available < 0:
        details = {"most": allocated + held + bought}
        raise DataError([Problem("ets_sold_too_much", "allowances", field="sold", value=str(sold), details=details)])
    obligation = int(round_half_up(emissions))
    rule = load_library().factors[OFFSET_LIMIT]
    limit = int(round_down(obligation * rule.decimal))
    taken = min(offsets, limit)
    surrendered = min(available, obligation - taken)
    shortage, surplus = obligation - taken - surrendered, available - surrendered
    steps = (
        Step("obligation", Decimal(obligation), formula=plain(exact(emissions))),
        Step("available", Decimal(available), formula=f"{allocated} + {held} + {bought} − {sold}"),
        Step("offset_limit", Decimal(limit), "t", f"⌊{obligation} × {plain(rule.decimal)}⌋", (rule.id,)),
        Step("offsets", Decimal(taken), formula=f"min({offsets}, {limit})"),
        Step("surrendered", Decimal(surrendered), formula=f"min({available}, {obligation} − {taken})"),
        Step("shortage", Decimal(shortage), formula=f"{obligation} − {taken} − {surrendered}"),
        Step("surplus", Decimal(surplus), formula=f"{available} − {surrendered}"),
    )
    # a company that is short has nothing to carry over, and may not apply
    carried = carry_over(net_sales, surplus) if net_sales is not None and not shortage else None
    return Compliance(obligation, available, limit, taken, surrendered, shortage, surplus, carried, steps)


@dataclass(frozen=True, slots=True)
class Issuance:
    """How allowances come into the account in two rounds when earlier debts are deducted [t].

    Parameters
    ----------
    first, second : int
        Issued in advance, and with the final allocation; the second is negative where allowances go back.
    deducted : int
        Deducted over both rounds.
    open : int
        Deduction that is left for later years.
    returned : int
        Deduction of the first round that was too much and is given back.
    """

    first: int
    second: int
    deducted: int
    open: int
    returned: int


def issuance(pre_allocation: int, allocation: int, deduction: int = 0) -> Issuance:
    """Return what is issued in advance and finally, with a deduction (draft 2026, annexes 1 and 2, notes on table 2-5).

    Parameters
    ----------
    pre_allocation, allocation : int
        Allowances before deduction: in advance, and finally [t].
    deduction : int
        Allowances to be deducted for earlier years [t].

    Raises
    ------
    DataError
        If a number is not whole.
    """
    _whole(pre_allocation=pre_allocation, allocation=allocation, deduction=deduction)
    early = min(deduction, pre_allocation)
    deducted = min(deduction, allocation)
    first = pre_allocation - early
    return Issuance(first, allocation - deducted - first, deducted, deduction - deducted, max(early - deducted, 0))


def gap_relief(initial: Decimal, emissions: Decimal, cap: Decimal) -> Decimal:
    """Return the allowances that are added so that the gap is not above the cap: ``max(0, (1 − cap) E − A)`` (plan 2023–2024, 5.3.2)."""
    return max((1 - cap) * emissions - initial, Decimal(0))


def intensity_coefficient(deviation: Decimal, slope: Decimal, cap: Decimal, limit: Decimal) -> Decimal:
    """Return α: slope × X between the limits, else ± cap (draft 2026, table 3).

    Parameters
    ----------
    deviation : Decimal
        X = (BP − I)/BP, a fraction.
    slope, cap, limit : Decimal
    """
    if deviation >= limit:
        return cap
    if deviation <= -limit:
        return -cap
    return slope * deviation


def balance_value(lines: Sequence[tuple[Exact, Exact]], slope: Exact, cap: Exact, limit: Exact) -> Decimal:
    """Return the balance value at which the allowances of a sector equal its emissions, by bisection.

    Draft 2026, section 3.2.2: ``ΣE = ΣE (1 + α(BP))``, where α rises with BP.

    Parameters
    ----------
    lines : sequence of (emissions, intensity)
        Verified emissions [t] and intensity of the main process [t/t] of every company or line of the sector.
    slope, cap, limit : number
        Constants of the plan.

    Returns
    -------
    Decimal
        Balance value [t CO2e/t product].
    """
    pairs = [(exact(e), exact(i)) for e, i in lines]
    a, b, c = exact(slope), exact(cap), exact(limit)
    low, high = min(i for _, i in pairs), max(i for _, i in pairs)
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        granted = sum((e * intensity_coefficient((middle - i) / middle, a, b, c) for e, i in pairs), Decimal(0))
        low, high = (middle, high) if granted < 0 else (low, middle)
    return high
