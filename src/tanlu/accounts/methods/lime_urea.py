"""Carbon dioxide of lime and urea applied to soils."""

from __future__ import annotations

from tanlu.accounts.rulebook.method import Output, Values, activity, factor, method


@method(
    "liming",
    sets=("ipcc-2006", "ipcc-2019", "cn-province-2011"),
    inputs=(
        activity("limestone", "t", default=0.0, high=1e8),
        activity("dolomite", "t", default=0.0, high=1e8),
        factor("limestone_carbon", "t C/t", parameter="applied_carbon", subject="limestone", low=0.05, high=0.121),
        factor("dolomite_carbon", "t C/t", parameter="applied_carbon", subject="dolomite", low=0.05, high=0.131),
    ),
    outputs=(Output("CO2", "3.C.2"),),
    formula="E = (M_limestone · 0.12 + M_dolomite · 0.13) · 44/12",
    clause="vol. 4 ch. 11, eq. 11.12",
    source="ipcc-2006",
    tier="1",
)
def liming_co2(
    limestone_carbon: Values, dolomite_carbon: Values, limestone: Values = 0.0, dolomite: Values = 0.0
) -> Values:
    """Return the CO2 of lime spread on soils [t] from the masses [t] and their carbon [t C/t].

    Notes
    -----
    IPCC 2006 vol. 4 ch. 11, eq. 11.12; all carbon is taken to leave.
    """
    return (limestone * limestone_carbon + dolomite * dolomite_carbon) * 44 / 12


@method(
    "urea-application",
    sets=("ipcc-2006", "ipcc-2019", "cn-province-2011"),
    inputs=(
        activity("urea", "t", high=1e8),
        factor("urea_carbon", "t C/t", parameter="applied_carbon", subject="urea", low=0.1, high=0.201),
    ),
    outputs=(Output("CO2", "3.C.3"),),
    formula="E = M · 0.20 · 44/12",
    clause="vol. 4 ch. 11, eq. 11.13",
    source="ipcc-2006",
    tier="1",
)
def urea_co2(urea: Values, urea_carbon: Values) -> Values:
    """Return the CO2 of urea applied to soils [t] from its mass [t] and carbon [t C/t].

    Notes
    -----
    IPCC 2006 vol. 4 ch. 11, eq. 11.13; the CO2 taken up in making the urea is counted where it is made.
    """
    return urea * urea_carbon * 44 / 12
