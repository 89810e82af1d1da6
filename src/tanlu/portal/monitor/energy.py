"""Pages and API of the energy of buildings and plants: a list, and one unit with load, baseline, intensity and place among peers."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from tanlu.charts.format import capital
from tanlu.core.units import unit_label
from tanlu.monitor.carriers import carriers
from tanlu.monitor.energy_sites import USES, kept_temperatures, temperatures_of
from tanlu.portal.addresses import Handler, csv_address, paged
from tanlu.portal.api import table
from tanlu.portal.monitor import energy_view as view
from tanlu.portal.monitor.rights import READ, MonitorRights
from tanlu.portal.monitor.service import Monitoring, Span
from tanlu.portal.monitor.shared import LedgerPages
from tanlu.portal.monitor.view import carriers_of
from tanlu.portal.platform.late_routes import LateRoute
from tanlu.portal.platform.listing import Asked, listed


class EnergyUsePages(LedgerPages):
    """Handlers of these pages."""

    @property
    def handlers(self) -> dict[str, Handler]:
        """Handlers by path."""
        pages: dict[str, Handler] = {"/monitor/energy": self.all, "/monitor/energy/{unit:path}": self.one}
        return {path: partial(self.if_ledger, page) for path, page in pages.items()}

    def all(self, request: Request, language: str) -> Response:
        """All enterprises that use a carrier, with intensity and place among peers."""
        m, asked = self.monitoring, request.query_params
        where = self.rights.place(request, asked.get("id", ""))
        span = m.span(asked.get("from", ""), asked.get("to", ""))
        carrier, use = asked.get("carrier", "") or view.CARRIER, asked.get("use", "")
        lines = view.energy_lines(m, where.id, carrier, span, use)
        if asked.get("format") == "csv":
            answer: Response = table(lines, view.EnergyLine, "csv")
            return answer
        page, pages, shown = paged(lines, asked.get("page", "1"))
        known = [c for c in carriers_of(m, where.id, span) if carriers()[c].kind in ("electricity", "heat", "fuel")]
        sees = self.rights.seen(request, READ)
        regions = [u for u in m.registry.units.values() if u.kind in ("province", "prefecture") and sees(u.id)]
        return self.page(
            request, "monitor_energy.html", language, where=where, span=span, carrier=carrier, use=use, lines=shown, count=len(lines),
            page=page, pages=pages, csv_address=csv_address(request), unit_word=unit_label(carriers()[carrier].unit, language),
            carrier_pairs=[(c, capital(carriers()[c].name(language))) for c in known], uses=USES, per_word=partial(per_word, language),
            regions=[(u.id, u.name(language)) for u in regions],
        )  # fmt: skip

    def one(self, request: Request, language: str) -> Response:
        """One building or plant."""
        m = self.monitoring
        given = {
            **{k: v for k, v in request.query_params.items() if k in view.PARAMETERS},
            "id": self.rights.place(request, request.path_params["unit"]).id,
        }
        asked = view.asked_of(m, given)
        made = view.use_of(m, asked)
        temperature = temperatures_of(kept_temperatures(m.ledger().catalog), m.registry, asked.unit.id)
        return self.page(
            request, "monitor_energy_unit.html", language, shown_unit=asked.unit, asked=asked, span=asked.span, made=made,
            base=Span(*asked.base).names if asked.base else None, site=view.sites(m).get(asked.unit.id), temperature=temperature,
            above=self.above(request, asked.unit), charts=view.charts(m, asked, language),
            intensity=view.intensities_of(m, asked.carrier, asked.span).get(asked.unit.id), per_word=partial(per_word, language),
            unit_word=unit_label(carriers()[asked.carrier].unit, language), carrier=asked.carrier,
            carrier_pairs=[(c, capital(carriers()[c].name(language))) for c in asked.carriers],
        )  # fmt: skip


def per_word(language: str, per: str) -> str:
    """Return what an intensity is told by: the unit of area, or unit and name of the output."""
    if per in ("", "m2"):
        return "m²" if per else ""
    carrier = carriers()[per]
    return f"{unit_label(carrier.unit, language)} {carrier.name(language)}"


Where = Annotated[str, Query(alias="id", description="Unit or region; the highest that may be seen by default.")]
First = Annotated[str, Query(alias="from", description="First day, YYYY-MM-DD; begin of the month of the last one.")]
Last = Annotated[str, Query(alias="to", description="Last day; the last one with readings by default.")]
CarrierName = Annotated[str, Query(description="Carrier; electricity by default.")]


def energy_use_router(m: Monitoring, rights: MonitorRights) -> APIRouter:
    """Return the routes of the API."""
    router = APIRouter(prefix="/api/v1", tags=["monitor"], route_class=LateRoute)

    @router.get("/monitor/energy", **listed(view.EnergyLine))
    def lines(
        request: Request,
        asked: Asked,
        where: Where = "",
        carrier: CarrierName = view.CARRIER,
        use: Annotated[str, Query(description="Use of the site, for example office.")] = "",
        first: First = "",
        last: Last = "",
    ) -> Any:
        """Energy of enterprises: amount, intensity by area or output, percentile among peers (none with fewer than five)."""
        found = view.energy_lines(m, rights.place(request, where).id, carrier, m.span(first, last), use)
        return asked.answer(found, view.EnergyLine)

    @router.get("/monitor/energy/{unit:path}")
    def one(
        request: Request,
        unit: str,
        carrier: CarrierName = "",
        first: First = "",
        last: Last = "",
        base_from: Annotated[str, Query(description="First day of the baseline.")] = "",
        base_to: Annotated[str, Query(description="Last day of the baseline.")] = "",
    ) -> dict[str, Any]:
        """Energy of one unit: load, highest hour, baseline with its fit, savings with a 90 % band, intensity among peers."""
        given = {
            "id": rights.place(request, unit).id,
            "carrier": carrier,
            "from": first,
            "to": last,
            "base_from": base_from,
            "base_to": base_to,
        }
        return view.one_record(m, given)

    return router
