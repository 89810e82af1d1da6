"""Process emissions of primary aluminium: CO2 of the anodes, CF4 and C2F6 of anode effects."""

from __future__ import annotations

from typing import Final

from tanlu.accounts.rulebook.method import Output, Values, activity, choice, factor, method

IPCC: Final = ("ipcc-2006", "ipcc-2019")
CO2: Final = (Output("CO2", "2.C.3"),)
PFC: Final = (Output("CF4", "2.C.3"), Output("C2F6", "2.C.3"))
CELLS: Final = ("pfpb", "cwpb", "swpb", "vss", "hss")
"""Point-fed, centre-worked and side-worked prebake, vertical-stud and horizontal-stud Søderberg."""
CF4_RATE: Final = factor(
    "cf4_factor",
    "kg CF4/t",
    parameter="emission_factor",
    subject="aluminium.{cell_technology}",
    gas="CF4",
    low=0.0,
    high=4.0,
)
C2F6_RATE: Final = factor(
    "c2f6_factor",
    "kg C2F6/t",
    parameter="emission_factor",
    subject="aluminium.{cell_technology}",
    gas="C2F6",
    low=0.0,
    high=1.0,
)
C2F6_RATIO: Final = factor(
    "c2f6_ratio", "1", parameter="c2f6_ratio", subject="aluminium.{cell_technology}", gas="C2F6", low=0.0, high=0.4
)


@method(
    "aluminium-carbon-ipcc",
    topic="aluminium-carbon",
    sets=IPCC,
    tier="1",
    inputs=(
        choice("anode_type", "prebake", "soderberg", word="prebake"),
        activity("aluminium", "t"),
        factor(
            "aluminium_factor",
            "t CO2/t",
            parameter="emission_factor",
            subject="aluminium.{anode_type}",
            gas="CO2",
            low=1.2,
            high=2.2,
        ),
    ),
    outputs=CO2,
    formula="E = MP · EF",
    clause="vol. 3 ch. 4, eq. 4.20, table 4.10",
    source="ipcc-2006",
)
def aluminium_co2(aluminium: Values, aluminium_factor: Values) -> Values:
    """Return the CO2 of the anodes of aluminium cells [t]: primary aluminium [t] · factor [t CO2/t]."""
    return aluminium * aluminium_factor


@method(
    "aluminium-anode",
    sets=(*IPCC, "cn-enterprise"),
    tier="2",
    inputs=(
        activity("aluminium", "t"),
        factor("anode_consumption", "t/t", subject="prebaked_anode", low=0.35, high=0.55),
        factor("anode_sulphur", "1", subject="prebaked_anode", low=0.0, high=0.05),
        factor("anode_ash", "1", subject="prebaked_anode", low=0.0, high=0.03),
    ),
    outputs=CO2,
    formula="E = MP · NAC · (1 − S − Ash) · 44/12",
    clause="vol. 3 ch. 4, eq. 4.21, table 4.11",
    source="ipcc-2006",
)
def anode_co2(aluminium: Values, anode_consumption: Values, anode_sulphur: Values, anode_ash: Values) -> Values:
    """Return the CO2 of prebaked anodes [t].

    Parameters
    ----------
    aluminium : float or array
        Primary aluminium made [t].
    anode_consumption : float or array
        Net anode per aluminium, butts taken off [t/t].
    anode_sulphur, anode_ash : float or array
        Sulphur and ash in the baked anode [1].
    """
    return aluminium * anode_consumption * (1 - anode_sulphur - anode_ash) * 44 / 12


@method(
    "aluminium-paste-ipcc",
    topic="aluminium-paste",
    sets=IPCC,
    tier="2",
    inputs=(
        choice("soderberg_cell", "vss", "hss", word="vss"),
        activity("aluminium", "t"),
        activity("paste_consumption", "t/t", low=0.3, high=0.7),
        factor("soluble_matter", "kg/t", subject="aluminium.{soderberg_cell}", low=0.0, high=6.0),
        factor("binder_content", "1", subject="anode_paste", low=0.15, high=0.35),
        factor("pitch_sulphur", "1", subject="anode_paste", low=0.0, high=0.03),
        factor("pitch_ash", "1", subject="anode_paste", low=0.0, high=0.02),
        factor("pitch_hydrogen", "1", subject="anode_paste", low=0.0, high=0.08),
        factor("coke_sulphur", "1", subject="anode_paste", low=0.0, high=0.05),
        factor("coke_ash", "1", subject="anode_paste", low=0.0, high=0.03),
        factor("skimmed_carbon", "t C/t", subject="anode_paste", low=0.0, high=0.03),
    ),
    outputs=CO2,
    formula="E = MP · [PC − CSM/1000 − BC·PC·(S_p + Ash_p + H_p) − (1 − BC)·PC·(S_c + Ash_c) − CD] · 44/12",
    clause="vol. 3 ch. 4, eq. 4.24, table 4.14",
    source="ipcc-2006",
)
def paste_co2(
    aluminium: Values,
    paste_consumption: Values,
    soluble_matter: Values,
    binder_content: Values,
    pitch_sulphur: Values,
    pitch_ash: Values,
    pitch_hydrogen: Values,
    coke_sulphur: Values,
    coke_ash: Values,
    skimmed_carbon: Values,
) -> Values:
    """Return the CO2 of the paste of Søderberg cells [t].

    Parameters
    ----------
    aluminium : float or array
        Primary aluminium made [t].
    paste_consumption : float or array
        Paste per aluminium [t/t].
    soluble_matter : float or array
        Cyclohexane-soluble matter that escapes [kg/t aluminium].
    binder_content, pitch_sulphur, pitch_ash, pitch_hydrogen, coke_sulphur, coke_ash : float or array
        Binder in the paste; sulphur, ash and hydrogen of the pitch; sulphur and ash of the coke [1].
    skimmed_carbon : float or array
        Carbon in skimmed dust [t C/t aluminium].
    """
    pitch = binder_content * paste_consumption * (pitch_sulphur + pitch_ash + pitch_hydrogen)
    coke = (1 - binder_content) * paste_consumption * (coke_sulphur + coke_ash)
    return aluminium * (paste_consumption - soluble_matter / 1000 - pitch - coke - skimmed_carbon) * 44 / 12


@method(
    "aluminium-pfc-ipcc",
    topic="aluminium-pfc",
    sets=("ipcc-2006",),
    tier="1",
    inputs=(choice("cell_technology", *CELLS, word="cwpb"), activity("aluminium", "t"), CF4_RATE, C2F6_RATE),
    outputs=PFC,
    formula="E_CF4 = MP · EF_CF4 / 1000; E_C2F6 = MP · EF_C2F6 / 1000",
    clause="vol. 3 ch. 4, eq. 4.25, table 4.15",
    source="ipcc-2006",
)
@method(
    "aluminium-pfc-province",
    topic="aluminium-pfc",
    sets=("cn-province-2011",),
    inputs=(choice("cell_technology", "pfpb", "hss", word="pfpb"), activity("aluminium", "t"), CF4_RATE, C2F6_RATE),
    outputs=PFC,
    formula="E_CF4 = AD · EF_CF4 / 1000; E_C2F6 = AD · EF_C2F6 / 1000",
    clause="aluminium production",
    source="prov-guide-2011",
)
@method(
    "aluminium-pfc-cn",
    topic="aluminium-pfc",
    sets=("cn-enterprise",),
    inputs=(choice("cell_technology", "pfpb", word="pfpb"), activity("aluminium", "t"), CF4_RATE, C2F6_RATE),
    outputs=PFC,
    formula="E_CF4 = P · EF_CF4 / 1000; E_C2F6 = P · EF_C2F6 / 1000",
    clause="anode effects",
    source="ndrc-enterprise-2013",
)
def anode_effect_pfc(aluminium: Values, cf4_factor: Values, c2f6_factor: Values) -> tuple[Values, Values]:
    """Return the CF4 and C2F6 of anode effects [t]: primary aluminium [t] · factors [kg/t]."""
    return aluminium * cf4_factor / 1000, aluminium * c2f6_factor / 1000


@method(
    "aluminium-pfc-slope",
    sets=("ipcc-2006", "cn-enterprise"),
    tier="2",
    inputs=(
        choice("cell_technology", *CELLS, word="cwpb"),
        activity("aluminium", "t"),
        activity("anode_effect_minutes", "min", high=20.0),
        factor(
            "slope_coefficient",
            "kg CF4/t/min",
            parameter="pfc_slope",
            subject="aluminium.{cell_technology}",
            gas="CF4",
            low=0.03,
            high=0.4,
        ),
        C2F6_RATIO,
    ),
    outputs=PFC,
    formula="E_CF4 = S · AEM · MP / 1000; E_C2F6 = E_CF4 · F",
    clause="vol. 3 ch. 4, eq. 4.26, table 4.16",
    source="ipcc-2006",
)
def slope_pfc(
    aluminium: Values, anode_effect_minutes: Values, slope_coefficient: Values, c2f6_ratio: Values
) -> tuple[Values, Values]:
    """Return the CF4 and C2F6 of anode effects from their duration [t].

    Parameters
    ----------
    aluminium : float or array
        Primary aluminium made [t].
    anode_effect_minutes : float or array
        Minutes of anode effect per cell and day [min].
    slope_coefficient : float or array
        Slope coefficient [kg CF4 per t of aluminium and minute per cell-day].
    c2f6_ratio : float or array
        C2F6 per CF4 [1].
    """
    cf4 = aluminium * anode_effect_minutes * slope_coefficient / 1000
    return cf4, cf4 * c2f6_ratio


@method(
    "aluminium-pfc-overvoltage",
    sets=("ipcc-2006",),
    tier="2",
    inputs=(
        choice("cell_technology", "cwpb", "swpb", word="cwpb"),
        activity("aluminium", "t"),
        activity("anode_effect_overvoltage", "mV", high=50.0),
        activity("current_efficiency", "%", low=70.0, high=99.0),
        factor(
            "overvoltage_coefficient",
            "kg CF4/t/mV",
            parameter="pfc_overvoltage",
            subject="aluminium.{cell_technology}",
            gas="CF4",
            low=0.5,
            high=6.0,
        ),
        C2F6_RATIO,
    ),
    outputs=PFC,
    formula="E_CF4 = OVC · AEO / CE · MP / 1000, CE in per cent; E_C2F6 = E_CF4 · F",
    clause="vol. 3 ch. 4, eq. 4.27, table 4.16",
    source="ipcc-2006",
)
def overvoltage_pfc(
    aluminium: Values,
    anode_effect_overvoltage: Values,
    current_efficiency: Values,
    overvoltage_coefficient: Values,
    c2f6_ratio: Values,
) -> tuple[Values, Values]:
    """Return the CF4 and C2F6 of anode effects from their overvoltage [t].

    Parameters
    ----------
    aluminium : float or array
        Primary aluminium made [t].
    anode_effect_overvoltage : float or array
        Anode-effect overvoltage per cell [mV].
    current_efficiency : float or array
        Current efficiency [%]: the coefficients belong to the number 95, not to 0.95.
    overvoltage_coefficient : float or array
        CF4 per t of aluminium and mV, at a current efficiency of 1 % [kg CF4/t/mV].
    c2f6_ratio : float or array
        C2F6 per CF4 [1].
    """
    cf4 = aluminium * overvoltage_coefficient * anode_effect_overvoltage / current_efficiency / 1000
    return cf4, cf4 * c2f6_ratio
