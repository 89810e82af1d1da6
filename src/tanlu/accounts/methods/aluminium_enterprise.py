"""Aluminium electrolysis of the national ETS (CETS-AG-04.01): anodes and anode effects; power is not part of the obligation."""

from __future__ import annotations

from typing import Final

from tanlu.accounts.rulebook.method import Output, Values, activity, factor, method

CF4_PER_MINUTE: Final = (143, 1000)
"""CF4 per tonne and anode-effect minute [kg], as a ratio (slope 0.143)."""


@method(
    "aluminium-enterprise-ets",
    topic="aluminium-electrolysis",
    sets=("cn-ets-2024",),
    inputs=(
        activity("aluminium", "t"),
        activity("anode_gross", "t"),
        factor("anode_loss_rate", "1", subject="prebaked_anode", low=0.05, high=0.3),
        factor("anode_sulphur", "1", subject="prebaked_anode", low=0.0, high=0.05),
        factor("anode_ash", "1", subject="prebaked_anode", low=0.0, high=0.03),
        factor("cf4_factor", "kg CF4/t", parameter="emission_factor", subject="aluminium.pfpb", gas="CF4", low=0.0, high=1.0),
        factor("c2f6_factor", "kg C2F6/t", parameter="emission_factor", subject="aluminium.pfpb", gas="C2F6", low=0.0, high=0.1),
    ),
    outputs=(Output("CO2", "2.C.3"), Output("CF4", "2.C.3"), Output("C2F6", "2.C.3")),
    formula="E_CO2 = A · (1 − L) · (1 − S − Ash) · 44/12; E_CF4 = P · EF_CF4 / 1000; E_C2F6 = P · EF_C2F6 / 1000",
    clause="6, electrolysis process",
    source="cets-aluminium-2024",
)  # fmt: skip
def electrolysis_emissions(
    aluminium: Values,
    anode_gross: Values,
    anode_loss_rate: Values,
    anode_sulphur: Values,
    anode_ash: Values,
    cf4_factor: Values,
    c2f6_factor: Values,
) -> tuple[Values, Values, Values]:
    """Return the CO2 of the anodes and the CF4 and C2F6 of anode effects [t].

    Parameters
    ----------
    aluminium : float or array
        Liquid aluminium made [t].
    anode_gross : float or array
        Anodes set into the cells, butts included [t].
    anode_loss_rate : float or array
        Part of them that comes back as butts [1].
    anode_sulphur, anode_ash : float or array
        Sulphur and ash in the anode [1].
    cf4_factor, c2f6_factor : float or array
        Gas per aluminium [kg/t]; see `anode_effect_factors` where the minutes are measured.
    """
    carbon = anode_gross * (1 - anode_loss_rate) * (1 - anode_sulphur - anode_ash)
    return carbon * 44 / 12, aluminium * cf4_factor / 1000, aluminium * c2f6_factor / 1000


def anode_effect_factors(minutes: Values) -> tuple[Values, Values]:
    """Return the CF4 and C2F6 per aluminium [kg/t] for measured anode-effect minutes per cell-day: ``0.143 t`` and a tenth of it."""
    above, below = CF4_PER_MINUTE
    cf4 = minutes * above / below
    return cf4, cf4 / 10
