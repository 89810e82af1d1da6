"""Nitric acid: N2O by technology, less what is destroyed."""

from __future__ import annotations

from typing import Final

from tanlu.accounts.rulebook.method import Input, Output, Values, activity, choice, factor, method

PRODUCTION: Final = activity("nitric_acid", "t")
ABATEMENT: Final = (
    factor("destruction_efficiency", "1", default=0.0, low=0.0, high=1.0),
    factor("utilisation_share", "1", default=0.0, low=0.0, high=1.0),
)
N2O: Final = (Output("N2O", "2.B.2"),)
FORMULA: Final = "E = AD · EF · (1 − η · μ)"


def _factor(*units: str) -> Input:
    return factor("n2o_factor", *units, subject="nitric_acid.{nitric_acid_process}", gas="N2O", low=0.1, high=20.0)


@method(
    "nitric-acid-ipcc",
    topic="nitric-acid",
    sets=("ipcc-2006", "ipcc-2019"),
    inputs=(
        PRODUCTION,
        choice("nitric_acid_process", "nscr", "process_integrated", "atmospheric", "medium_pressure", "high_pressure"),
        _factor("kg N2O/t"),
        *ABATEMENT,
    ),
    outputs=N2O,
    formula=FORMULA,
    clause="vol. 3, ch. 3, equations 3.5 and 3.6, table 3.3",
    source="ipcc-2006",
    tier="1–2",
)
@method(
    "nitric-acid-cn",
    topic="nitric-acid",
    sets=("cn-province-2011", "cn-enterprise"),
    inputs=(
        PRODUCTION,
        choice(
            "nitric_acid_process",
            "high_pressure",
            "medium_pressure",
            "atmospheric",
            "dual_pressure",
            "combined_pressure",
            "low_pressure",
        ),
        _factor("kg N2O/t"),
        *ABATEMENT,
    ),
    outputs=N2O,
    formula=FORMULA,
    clause="nitric acid",
    source="cn-chemical-guideline",
)
def nitric_acid_n2o(
    nitric_acid: Values, n2o_factor: Values, destruction_efficiency: Values, utilisation_share: Values
) -> Values:
    """Return the N2O of nitric acid production [t].

    Parameters
    ----------
    nitric_acid : float or array
        Acid made, as 100 % HNO3 [t].
    n2o_factor : float or array
        N2O made per acid, before a separate abatement [kg N2O/t].
    destruction_efficiency : float or array
        N2O destroyed by the abatement while it runs [1].
    utilisation_share : float or array
        Share of the acid that is made while the abatement runs [1].

    Notes
    -----
    2006 IPCC Guidelines, volume 3, chapter 3, equation 3.6; the guidelines for chemical enterprises use the same. The factors of plants
    with NSCR and process-integrated destruction include the destruction: no other abatement is put on top of them.
    """
    return nitric_acid * n2o_factor * (1 - destruction_efficiency * utilisation_share) / 1000
