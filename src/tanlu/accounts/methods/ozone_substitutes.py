"""Substitutes for ozone-depleting substances in refrigeration and air conditioning: losses of filling, operation and retirement."""

from __future__ import annotations

from typing import Final

from tanlu.accounts.methods.fluorochemicals import AGENTS, BLENDS, HFCS, shares
from tanlu.accounts.rulebook.method import Output, Values, activity, choice, factor, method

EQUIPMENT: Final = {
    "domestic_refrigeration": "2.F.1.a",
    "stand_alone_commercial": "2.F.1.a",
    "commercial_refrigeration": "2.F.1.a",
    "industrial_refrigeration": "2.F.1.a",
    "transport_refrigeration": "2.F.1.a",
    "chillers": "2.F.1.a",
    "stationary_air_conditioning": "2.F.1.a",
    "car_air_conditioning": "2.F.1.b",
    "truck_air_conditioning": "2.F.1.b",
}


@method(
    "refrigerant-life-cycle",
    topic="refrigerants",
    sets=("ipcc-2006", "ipcc-2019", "cn-province-2011"),
    inputs=(
        choice("cooling_equipment", *EQUIPMENT),
        choice("agent", *AGENTS, *BLENDS),
        activity("agent_filled", "t", default=0.0),
        activity("agent_bank", "t", default=0.0),
        activity("agent_retired", "t", default=0.0),
        factor("filling_loss", "1", subject="{cooling_equipment}", low=0.0, high=0.05),
        factor("operation_loss", "1", subject="{cooling_equipment}", low=0.0, high=0.6),
        factor("charge_left", "1", subject="{cooling_equipment}", low=0.0, high=1.0),
        factor("recovery_share", "1", subject="{cooling_equipment}", low=0.0, high=1.0),
        *shares(),
    ),
    outputs=tuple(Output(gas, by="cooling_equipment", categories=EQUIPMENT, optional=True) for gas in HFCS),
    formula="E = M_filled · k + M_bank · x + M_retired · p · (1 − η)",
    clause="vol. 3, ch. 7, equations 7.10–7.14, table 7.9",
    source="ipcc-2006",
    tier="2a",
)
def refrigerant_losses(
    agent_filled: Values,
    agent_bank: Values,
    agent_retired: Values,
    filling_loss: Values,
    operation_loss: Values,
    charge_left: Values,
    recovery_share: Values,
    share_hfc32: Values,
    share_hfc125: Values,
    share_hfc134a: Values,
    share_hfc143a: Values,
    share_hfc152a: Values,
    share_hfc227ea: Values,
) -> tuple[Values, ...]:
    """Return the losses of a refrigerant over the life of equipment, by gas [t].

    Parameters
    ----------
    agent_filled : float or array
        Agent filled into new equipment in the year [t].
    agent_bank : float or array
        Agent in equipment in use [t].
    agent_retired : float or array
        First charge of the equipment that is retired in the year [t].
    filling_loss, operation_loss : float or array
        Losses of filling and of a year of operation [1].
    charge_left, recovery_share : float or array
        Share of the charge left at retirement, and share of that which is recovered [1].
    share_hfc32, share_hfc125, share_hfc134a, share_hfc143a, share_hfc152a, share_hfc227ea : float or array
        Mass share of each gas in the agent [1].

    Notes
    -----
    2006 IPCC Guidelines, volume 3, chapter 7, equations 7.10–7.14 without the losses of containers.
    """
    lost = (
        agent_filled * filling_loss + agent_bank * operation_loss + agent_retired * charge_left * (1 - recovery_share)
    )
    parts = (share_hfc32, share_hfc125, share_hfc134a, share_hfc143a, share_hfc152a, share_hfc227ea)
    return tuple(lost * share for share in parts)
