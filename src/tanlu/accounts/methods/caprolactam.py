"""Caprolactam, glyoxal and glyoxylic acid: N2O of the oxidation of ammonia and with nitric acid."""

from __future__ import annotations

from tanlu.accounts.rulebook.method import Output, Values, activity, choice, factor, method


@method(
    "caprolactam-glyoxal",
    topic="caprolactam",
    sets=("ipcc-2006", "ipcc-2019"),
    inputs=(
        activity("chemical_output", "t"),
        choice("n2o_chemical", "caprolactam", "glyoxal", "glyoxylic_acid", word="caprolactam"),
        factor("n2o_factor", "kg N2O/t", subject="{n2o_chemical}", gas="N2O", low=1.0, high=600.0),
        factor("destruction_efficiency", "1", default=0.0, low=0.0, high=1.0),
        factor("utilisation_share", "1", default=0.0, low=0.0, high=1.0),
    ),
    outputs=(Output("N2O", "2.B.4"),),
    formula="E = CP · EF · (1 − DF · ASUF)",
    clause="vol. 3, ch. 3, equations 3.9 and 3.10, tables 3.5 and 3.6",
    source="ipcc-2006",
    tier="1–2",
)
def caprolactam_n2o(
    chemical_output: Values, n2o_factor: Values, destruction_efficiency: Values, utilisation_share: Values
) -> Values:
    """Return the N2O of caprolactam, glyoxal or glyoxylic acid [t].

    Parameters
    ----------
    chemical_output : float or array
        Amount made [t].
    n2o_factor : float or array
        N2O per product [kg N2O/t].
    destruction_efficiency : float or array
        N2O destroyed by the abatement while it runs [1].
    utilisation_share : float or array
        Share of the production during which the abatement runs [1].

    Notes
    -----
    2006 IPCC Guidelines, volume 3, chapter 3, equation 3.10. The defaults of glyoxal and glyoxylic acid include a destruction of 80 %.
    """
    return chemical_output * n2o_factor * (1 - destruction_efficiency * utilisation_share) / 1000
