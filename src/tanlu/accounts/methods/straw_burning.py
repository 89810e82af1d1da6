"""Methane and nitrous oxide of straw burnt in the field; the CO2 of annual crops is not counted."""

from __future__ import annotations

from typing import Final

from tanlu.accounts.rulebook.method import Output, Values, activity, choice, factor, method

CROP: Final = choice("crop", "rice", "wheat", "maize", "sugarcane", "other_crop")
GASES: Final = (
    factor(
        "burning_ch4_factor", "g CH4/kg", parameter="burning_emission_factor", subject="agricultural_residues", gas="CH4",
        low=0.5, high=10.0,
    ),
    factor(
        "burning_n2o_factor", "g N2O/kg", parameter="burning_emission_factor", subject="agricultural_residues", gas="N2O",
        low=0.01, high=0.5,
    ),
)  # fmt: skip
COMBUSTION: Final = factor("combustion_factor", "1", subject="{crop}", low=0.3, high=1.0)
OUTPUTS: Final = (Output("CH4", "3.C.1.b"), Output("N2O", "3.C.1.b"))


@method(
    "straw-burning-area",
    topic="straw-burning",
    sets=("ipcc-2006", "ipcc-2019"),
    inputs=(
        CROP,
        activity("burnt_area", "ha", high=1e8),
        factor("fuel_load", "t/ha", subject="{crop}", low=1.0, high=20.0),
        # The library's load is what burns (table 2.4 gives MB · Cf), so a share that burns belongs to a load of the user's own.
        factor("combustion_factor", "1", default=1.0, low=0.3, high=1.0),
        *GASES,
    ),
    outputs=OUTPUTS,
    formula="E = A · MB · Cf · Gef / 1000",
    clause="vol. 4 ch. 2, eq. 2.27",
    source="ipcc-2006",
    tier="1",
)
def straw_burning_by_area(
    burnt_area: Values,
    fuel_load: Values,
    combustion_factor: Values,
    burning_ch4_factor: Values,
    burning_n2o_factor: Values,
) -> tuple[Values, Values]:
    """Return the methane and the nitrous oxide of burnt fields [t].

    Parameters
    ----------
    burnt_area : float or array
        Area burnt [ha].
    fuel_load : float or array
        Straw that burns, or with a combustion factor below 1 straw on the field [t d.m./ha].
    combustion_factor : float or array
        Share of the load that burns [1].
    burning_ch4_factor, burning_n2o_factor : float or array
        [g/kg d.m. burnt].

    Notes
    -----
    IPCC 2006 vol. 4 ch. 2, eq. 2.27: ``A · MB · Cf · Gef · 1e-3``. Table 2.4 gives the product ``MB · Cf``, the fuel consumed.
    """
    burnt = burnt_area * fuel_load * combustion_factor
    return burnt * burning_ch4_factor / 1000, burnt * burning_n2o_factor / 1000


@method(
    "straw-burning-mass",
    topic="straw-burning",
    sets=("cn-province-2011",),
    inputs=(
        CROP,
        activity("crop_output", "t", high=5e8),
        activity("straw_ratio", "1", low=0.3, high=3.0),
        activity("burnt_share", "1", high=1.0),
        activity("straw_dry_matter", "1", default=0.85, low=0.5, high=1.0),
        COMBUSTION,
        *GASES,
    ),
    outputs=OUTPUTS,
    formula="E = P · r · b · d · Cf · Gef / 1000",
    clause="vol. 4 ch. 2, eq. 2.27",
    source="ipcc-2006",
    tier="1",
)
def straw_burning_by_mass(
    crop_output: Values,
    straw_ratio: Values,
    burnt_share: Values,
    combustion_factor: Values,
    burning_ch4_factor: Values,
    burning_n2o_factor: Values,
    straw_dry_matter: Values = 0.85,
) -> tuple[Values, Values]:
    """Return the methane and the nitrous oxide of straw burnt in the field [t] from crop output.

    Parameters
    ----------
    crop_output : float or array
        Crop output [t].
    straw_ratio : float or array
        Straw over crop output [1].
    burnt_share : float or array
        Share of the straw burnt in the field [1].
    straw_dry_matter : float or array
        Dry matter of the straw [1].
    others
        As in `straw_burning_by_area`.

    Notes
    -----
    IPCC 2006 vol. 4 ch. 2, eq. 2.27, with the burnt mass from statistics instead of area and load.
    """
    return straw_burning_by_area(
        crop_output * straw_ratio * burnt_share,
        straw_dry_matter,
        combustion_factor,
        burning_ch4_factor,
        burning_n2o_factor,
    )
