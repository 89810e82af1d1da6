"""Adipic acid: N2O of the oxidation with nitric acid, less what is destroyed or used again."""

from __future__ import annotations

from tanlu.accounts.rulebook.method import Output, Values, activity, choice, factor, method


@method(
    "adipic-acid",
    sets=("ipcc-2006", "ipcc-2019", "cn-province-2011", "cn-enterprise"),
    inputs=(
        activity("adipic_acid", "t"),
        choice(
            "n2o_abatement",
            "no_abatement",
            "catalytic_destruction",
            "thermal_destruction",
            "recycle_to_nitric_acid",
            "recycle_to_feedstock",
            word="no_abatement",
        ),
        factor("n2o_factor", "kg N2O/t", subject="adipic_acid", gas="N2O", low=200.0, high=400.0),
        factor(
            "destruction_efficiency",
            "1",
            subject="adipic_acid.{n2o_abatement}",
            gas="N2O",
            default=0.0,
            low=0.0,
            high=1.0,
        ),
        factor(
            "utilisation_share", "1", subject="adipic_acid.{n2o_abatement}", gas="N2O", default=0.0, low=0.0, high=1.0
        ),
    ),
    outputs=(Output("N2O", "2.B.3"),),
    formula="E = AAP · EF · (1 − DF · ASUF)",
    clause="vol. 3, ch. 3, equations 3.7 and 3.8, table 3.4",
    source="ipcc-2006",
    tier="1–2",
)
def adipic_acid_n2o(
    adipic_acid: Values, n2o_factor: Values, destruction_efficiency: Values, utilisation_share: Values
) -> Values:
    """Return the N2O of adipic acid production [t].

    Parameters
    ----------
    adipic_acid : float or array
        Adipic acid made [t].
    n2o_factor : float or array
        N2O made per adipic acid [kg N2O/t].
    destruction_efficiency : float or array
        N2O destroyed by the abatement while it runs [1].
    utilisation_share : float or array
        Share of the production during which the abatement runs [1].

    Notes
    -----
    2006 IPCC Guidelines, volume 3, chapter 3, equation 3.8; the guidelines for chemical enterprises use the same.
    """
    return adipic_acid * n2o_factor * (1 - destruction_efficiency * utilisation_share) / 1000
