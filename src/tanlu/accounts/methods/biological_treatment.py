"""Biological treatment of solid waste: CH4 and N2O of composting and of anaerobic digestion."""

from __future__ import annotations

from tanlu.accounts.rulebook.method import Output, Values, activity, choice, factor, method


@method(
    "biological-treatment",
    sets=("ipcc-2006", "ipcc-2019"),
    inputs=(
        activity("waste_treated", "t"),
        choice("biological_process", "composting", "anaerobic_digestion"),
        choice("weight_basis", "wet", "dry", word="wet"),
        factor("ch4_factor", "g CH4/kg", subject="{biological_process}.{weight_basis}", gas="CH4", low=0.0, high=20.0),
        factor("n2o_factor", "g N2O/kg", subject="{biological_process}.{weight_basis}", gas="N2O", low=0.0, high=2.0),
        activity("recovered_methane", "t", default=0.0),
    ),
    outputs=(Output("CH4", "4.B"), Output("N2O", "4.B")),
    formula="CH4 = M · EF − R; N2O = M · EF",
    clause="vol. 5, ch. 4, equations 4.1 and 4.2, table 4.1",
    source="ipcc-2006",
    tier="1",
)
def biological_treatment_emissions(
    waste_treated: Values, ch4_factor: Values, n2o_factor: Values, recovered_methane: Values
) -> tuple[Values, Values]:
    """Return CH4 and N2O of composted or digested waste [t].

    Parameters
    ----------
    waste_treated : float or array
        Organic waste treated, on the weight basis of the factors [t].
    ch4_factor, n2o_factor : float or array
        CH4 and N2O per waste [g/kg].
    recovered_methane : float or array
        Methane recovered that the factor has not left out [t]; the factor of digestion is of leaks alone.

    Notes
    -----
    2006 IPCC Guidelines, volume 5, chapter 4, equations 4.1 and 4.2; 1 g/kg is 1/1000 t/t.
    """
    return waste_treated * ch4_factor / 1000 - recovered_methane, waste_treated * n2o_factor / 1000
