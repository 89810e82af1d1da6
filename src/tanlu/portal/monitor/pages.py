"""Pages of monitoring: today, places and firms, meters, data quality, suspicions, alerts, intake."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Final

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse

from tanlu.charts.format import capital
from tanlu.core.errors import DataError
from tanlu.core.gases import gwp_set
from tanlu.core.messages import translate
from tanlu.monitor.alerts import alert_text
from tanlu.monitor.carriers import carriers
from tanlu.monitor.desk import Desk, Item
from tanlu.monitor.quality import load_rules
from tanlu.monitor.schema import UnitKind
from tanlu.monitor.suspicion.cases import REASONS, evidence_text
from tanlu.portal.addresses import Handler, csv_address, form_router, paged
from tanlu.portal.api import table
from tanlu.portal.monitor import meter_view, view
from tanlu.portal.monitor.live import live_record
from tanlu.portal.monitor.rights import ALERTS, INTAKE, READ, SUSPICIONS, MonitorRights
from tanlu.portal.monitor.service import Monitoring
from tanlu.portal.monitor.shared import LedgerPages
from tanlu.portal.rendering import Renderer, localised
from tanlu.portal.service import NotFoundError
from tanlu.portal.session.forgery import FIELD, STAND_IN, FormTokens
from tanlu.portal.session.form_filling import with_form
from tanlu.portal.uploads import RefusedError, read_form

FORM_BYTES: Final = 20_000
LONGEST_TEXT: Final = 2_000
MOST_SHOWN: Final = 5
MOST_BATCHES: Final = 30
WORST: Final = 10
"""Firms in the list of the lowest scores."""


class MonitorPages(LedgerPages):
    """Handlers of these pages."""

    def __init__(self, monitoring: Monitoring, rights: MonitorRights, renderer: Renderer) -> None:
        super().__init__(monitoring, rights, renderer)
        self.tokens = FormTokens()

    @property
    def handlers(self) -> dict[str, Handler]:
        """Handlers by path of what is only read."""
        pages: dict[str, Handler] = {
            "/monitor": self.today, "/monitor/unit": self.unit, "/monitor/meter": self.meter, "/monitor/quality": self.quality,
            "/monitor/cases": self.cases, "/monitor/case": self.case, "/monitor/alerts": self.alerts,
            "/monitor/alert": self.alert, "/monitor/ingest": self.ingest,
        }  # fmt: skip
        return {path: partial(self.if_ledger, page) for path, page in pages.items()}

    def routers(self) -> list[APIRouter]:
        """Return the routes that take forms."""
        return [
            form_router("/monitor/case", partial(self._act, "case", self.case, self.monitoring.cases)),
            form_router("/monitor/alert", partial(self._act, "alert", self.alert, self.monitoring.alerts)),
        ]

    def today(self, request: Request, language: str) -> Response:
        """What yesterday and the month emitted; what is open, and what lies below the province, as far as the visitor may see it."""
        m, rights = self.monitoring, self.rights
        province = m.ledger().province
        inside, whole = rights.may(request, READ, province), rights.sees_whole(request)
        charts, problems = [], []
        try:
            charts = [view.chart(m, name, language, {}, by_meters=inside) for name in ("sectors-day", "sectors-month")]
            made, day = m.nowcast()
            totals = [("day", made.total(day, day)), ("month", made.total(made.days[0], day))]
        except DataError as error:
            problems, totals = [p.text(language) for p in error.problems], []
        span = m.span("", "")
        level, places = view.place_lines(m, province, span) if inside else (None, [])
        tiles = view.chart(m, "tiles", language, {}) if level == UnitKind.PREFECTURE else None
        # what a visitor may not read is not read
        cases = alerts = None
        if rights.may(request, SUSPICIONS):
            cases = [line for line in self._case_lines(request) if line.state != "closed"]
        if rights.may(request, ALERTS):
            alerts = [a for a in self._alert_lines(request, language) if a["state"] == "raised"]
        return self.page(
            request, "monitor.html", language, charts=charts, problems=problems, totals=totals, span=span, level=level, places=places,
            whole=whole, inside=inside, live=live_record(m) if whole else {}, tiles=tiles,
            shares=m.emissions(province, span, ()).shares if whole else None,
            cases=cases, alerts=alerts, most=MOST_SHOWN,
            homes=[] if inside else rights.homes(request), seeing=rights.may(request, READ),
        )  # fmt: skip

    def unit(self, request: Request, language: str) -> Response:
        """A unit or region: emissions by day, carriers, hourly use, what lies below it, its meters."""
        m, asked = self.monitoring, request.query_params
        unit = self.rights.place(request, asked.get("id", ""))
        span = m.span(asked.get("from", ""), asked.get("to", ""))
        level, places = view.place_lines(m, unit.id, span)
        lines = view.emission_lines(m, unit.id, span)
        if asked.get("format") == "csv":
            answer: Response = (
                table(places, view.PlaceLine, "csv")
                if asked.get("table") == "places"
                else table(lines, view.EmissionLine, "csv")
            )
            return answer
        given = {k: v for k in view.PARAMETERS if (v := asked.get(k, ""))} | {"id": unit.id}
        known = view.carriers_of(m, unit.id, span)
        carrier = asked.get("carrier", "") or (known[0] if known else "")
        charts = [view.chart(m, "days", language, given)]
        if level == UnitKind.PREFECTURE:
            charts.insert(0, view.chart(m, "tiles", language, given))
        if known:
            charts.append(view.chart(m, "load", language, {**given, "carrier": carrier}))
        devices = [u for u in m.registry.children(unit.id) if u.kind is UnitKind.DEVICE]
        meters = m.registry.meters_of(unit.id) if level is None else []
        page, pages, shown = paged(places, asked.get("page", "1"))
        whole = m.emissions(unit.id, span, ())
        return self.page(
            request, "monitor_unit.html", language, shown_unit=unit, above=self.above(request, unit), span=span,
            charts=charts, lines=lines, level=level, places=shown, page=page, pages=pages, place_count=len(places), devices=devices,
            meters=meters, carrier=carrier, carrier_pairs=[(c, capital(carriers()[c].name(language))) for c in known],
            line=view.place_line(m.registry, unit, whole.rows, gwp_set(whole.gwp)),
            csv={name: csv_address(request, table=name) for name in ("places", "emissions")},
        )  # fmt: skip

    def meter(self, request: Request, language: str) -> Response:
        """A meter: its registry, hourly amounts, and its readings as known now or on a date."""
        m, asked = self.monitoring, request.query_params
        self.rights.check(request, READ)
        meter = view.meter_of(m, asked.get("id", ""))
        self.rights.check(request, READ, meter.unit)
        span = m.span(asked.get("from", ""), asked.get("to", ""))
        known = asked.get("known", "")
        lines = meter_view.reading_lines(m, meter, span, meter_view.known_moment(known))
        if asked.get("format") == "csv":
            answer: Response = table(lines, meter_view.ReadingLine, "csv")
            return answer
        given = {k: v for k in ("from", "to") if (v := asked.get(k, ""))} | {"id": meter.id}
        page, pages, shown = paged(lines[: meter_view.MOST_READINGS], asked.get("page", "1"))
        owner = m.registry.units[meter.unit]
        return self.page(
            request, "monitor_meter.html", language, meter=meter, owner=owner,
            above=[*self.above(request, owner), owner], span=span, known=known, lines=shown, page=page, pages=pages,
            chart=view.chart(m, "meter", language, given), kind=meter_view.kind_name(meter.kind, language),
            csv_address=csv_address(request), carrier=carriers()[meter.carrier], fills=meter_view.filled_hours(m, meter, span),
        )  # fmt: skip

    def quality(self, request: Request, language: str) -> Response:
        """Rules with what they found, findings with their evidence, firms with the lowest scores."""
        m, asked = self.monitoring, request.query_params
        unit = self.rights.place(request, asked.get("id", ""))
        month, rule = asked.get("month", ""), asked.get("rule", "")
        span = m.month(month)
        report = m.quality(unit.id, span)
        rules = load_rules().rules
        findings = [f for f in report.findings if rule in ("", f.rule)]
        counts = {name: sum(f.rule == name for f in report.findings) for name in rules}
        page, pages, shown = paged(findings, asked.get("page", "1"))
        worst = sorted(report.scores.items(), key=lambda pair: (pair[1], pair[0]))[:WORST]
        return self.page(
            request, "monitor_quality.html", language, shown_unit=unit, span=span, month=span.names[0][:7], rule=rule, report=report,
            rules=rules, counts=counts, findings=shown, count=len(findings), page=page, pages=pages,
            worst=[(m.registry.units[name], score) for name, score in worst if score < 100],
            rule_pairs=[(name, f"{r.name(language)} ({counts[name]})") for name, r in rules.items() if counts[name]],
        )  # fmt: skip

    def cases(self, request: Request, language: str) -> Response:
        """All cases, open ones first."""
        self.rights.check(request, SUSPICIONS)
        lines = self._case_lines(request)
        if request.query_params.get("format") == "csv":
            answer: Response = table(lines, view.CaseLine, "csv")
            return answer
        page, pages, shown = paged(lines, request.query_params.get("page", "1"))
        return self.page(
            request, "monitor_cases.html", language, cases=shown, page=page, pages=pages, count=len(lines),
            open_count=sum(line.state != "closed" for line in lines), csv_address=csv_address(request),
        )  # fmt: skip

    def case(self, request: Request, language: str, refusal: str = "", status: int = 200) -> Response:
        """One case: its evidence, its history, and the form to act on it."""
        m = self.monitoring
        self.rights.check(request, SUSPICIONS)
        item = view.case_of(m, request.query_params.get("id", ""))
        self.rights.check(request, SUSPICIONS, item.record["enterprise"])
        unit = m.registry.units.get(item.record["enterprise"])
        given = {"id": item.id}
        evidence = [
            (
                record,
                capital(evidence_text(record, language)),
                view.chart(m, "evidence", language, {**given, "number": str(i)}),
            )
            for i, record in enumerate(item.record["evidence"])
        ]
        return self._desk_page(
            request, "monitor_case.html", language, "case", m.cases(), item, refusal, status, owner=unit, evidence=evidence,
            firm=unit.name(language) if unit else item.record["enterprise"], reasons=sorted(REASONS),
        )  # fmt: skip

    def alerts(self, request: Request, language: str) -> Response:
        """All alerts, those that nobody has acknowledged first."""
        self.rights.check(request, ALERTS)
        lines = self._alert_lines(request, language)
        page, pages, shown = paged(lines, request.query_params.get("page", "1"))
        return self.page(
            request, "monitor_alerts.html", language, alerts=shown, page=page, pages=pages, count=len(lines),
            open_count=sum(line["state"] == "raised" for line in lines),
        )  # fmt: skip

    def alert(self, request: Request, language: str, refusal: str = "", status: int = 200) -> Response:
        """One alert: its history, and the form to act on it."""
        self.rights.check(request, ALERTS)
        desk = self.monitoring.alerts()
        name = request.query_params.get("id", "")
        found = desk.items(name) if name else []
        if not found:
            raise NotFoundError("portal.missing.alert", name)
        item = found[0]
        self.rights.check(request, ALERTS, item.record["where"])
        return self._desk_page(
            request, "monitor_alert.html", language, "alert", desk, item, refusal, status, text=self._alert_text(item, language), reasons=[]
        )  # fmt: skip

    def ingest(self, request: Request, language: str) -> Response:
        """What the ledger holds, the latest batches, and what listeners said last."""
        m = self.monitoring
        self.rights.check(request, INTAKE)
        catalog = m.ledger().catalog
        batches = list(reversed(catalog.batches()[-MOST_BATCHES:]))
        return self.page(
            request, "monitor_ingest.html", language, totals=catalog.totals(), days=len(m.ledger().days()), batches=batches,
            refused={b.number: catalog.refused(b.number) for b in batches}, intake=m.intake(), live=live_record(m),
        )  # fmt: skip

    def _alert_text(self, item: Item, language: str) -> str:
        return capital(alert_text(item.record, language, self.monitoring.ledger().registry.units))

    def _case_lines(self, request: Request) -> list[view.CaseLine]:
        sees = self.rights.seen(request, SUSPICIONS)
        return [line for line in view.case_lines(self.monitoring) if sees(line.enterprise)]

    def _alert_lines(self, request: Request, language: str) -> list[dict[str, Any]]:
        desk, sees = self.monitoring.alerts(), self.rights.seen(request, ALERTS)
        lines = [
            {"id": i.id, "state": desk.state(i), "severity": i.record["severity"], "text": self._alert_text(i, language),
             "at": i.at, "last": i.events[-1] if i.events else None}
            for i in desk.items() if sees(i.record["where"])
        ]  # fmt: skip
        order = {"raised": 0, "acknowledged": 1}
        return sorted(lines, key=lambda line: (order.get(line["state"], 2), -line["at"], line["id"]))

    def _desk_page(
        self, request: Request, template: str, language: str, kind: str, desk: Desk, item: Item, refusal: str, status: int, **context: Any
    ) -> Response:  # fmt: skip
        state = desk.state(item)
        actions = sorted({action for before, action in desk.workflow.steps if before == state})
        answer = self.page(
            request,
            template,
            language,
            item=item,
            state=state,
            actions=actions,
            refusal=refusal,
            actor=self.rights.actor(request, kind, _place(item), language),
            token=STAND_IN,
            field=FIELD,
            **context,
        )
        answer.status_code = status
        return with_form(answer)

    async def _act(
        self, kind: str, page: Callable[..., Response], desk: Callable[[], Desk], request: Request, language: str
    ) -> Response:
        """Take the form of a case or alert: append what was done, or show what is wrong with it."""
        page = partial(self.if_ledger, page)
        try:
            form = await read_form(request, FORM_BYTES)
            if not self.tokens.holds(request, form.fields.get(FIELD, "")):
                raise RefusedError(403, "forged")
            name = request.query_params.get("id", "")
            actor = await run_in_threadpool(self._actor, request, kind, desk, name)
            if actor is None:
                raise RefusedError(403, "monitor_act")
            given = {k: form.fields.get(k, "")[:LONGEST_TEXT] for k in ("action", "person", "reason", "note")}
            await run_in_threadpool(
                lambda: desk().act(
                    name, given["action"], actor or given["person"], reason=given["reason"], note=given["note"]
                )
            )
        except RefusedError as error:
            said = translate(f"portal.refused.{error.what}", language, **error.values)
            return await run_in_threadpool(page, request, language, said, error.status)
        except DataError as error:
            said = "；".join(p.text(language) for p in error.problems)
            return await run_in_threadpool(page, request, language, said, 422)
        return RedirectResponse(f"{localised(f'/monitor/{kind}', language)}?{request.url.query}", 303)

    def _actor(self, request: Request, kind: str, desk: Callable[[], Desk], name: str) -> str | None:
        found = desk().items(name) if name else []
        return self.rights.actor(request, kind, _place(found[0]) if found else "")


def _place(item: Item) -> str:
    """Return the id of the unit, region or target that a case or alert is about."""
    return str(item.record.get("enterprise") or item.record["where"])
