"""Pages over the uncertainty and the reconciliation of a run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fastapi import Request, Response

from tanlu.charts.reconciliation import WHOLE, dimension_name, item_name, items_of
from tanlu.charts.records import KeyCategoryRecord, MeasureRecord, ReconciliationRecord, UncertaintyRecord
from tanlu.charts.results import Results
from tanlu.charts.uncertainty import SCOPES, row_name, uncertainty_rows, variance_shares
from tanlu.core.messages import translate
from tanlu.core.punctuation import PUNCTUATION
from tanlu.portal import service
from tanlu.portal.addresses import Handler, csv_address
from tanlu.portal.api import table
from tanlu.portal.rendering import Renderer, text_or_code
from tanlu.portal.service import KEY_LISTS, Workspace


class RunPages:
    """Handlers of these pages."""

    def __init__(self, workspace: Workspace, renderer: Renderer) -> None:
        self.workspace, self.renderer = workspace, renderer

    @property
    def handlers(self) -> dict[str, Handler]:
        """Handlers by path."""
        return {"/uncertainty": self.uncertainty, "/reconciliation": self.reconciliation}

    def _results(self, request: Request) -> Results:
        return self.workspace.results(request.query_params.get("run", ""))

    def uncertainty(self, request: Request, language: str) -> Response:
        """Table 3.2, key categories, and what to measure next."""
        results, asked = self._results(request), request.query_params
        scope, name = asked.get("scope", "") or SCOPES[0], asked.get("list", "") or KEY_LISTS[0]
        keys, measures = service.key_list(results, scope, name), service.measures(results)
        if asked.get("format") == "csv":
            tables: dict[str, tuple[Sequence[Any], type[Any]]] = {
                "level": (service.uncertainty(results, scope), UncertaintyRecord),
                "keys": (keys, KeyCategoryRecord), "measures": (measures, MeasureRecord),
            }  # fmt: skip
            found, record = tables.get(asked.get("table", ""), tables["level"])
            answer: Response = table(found, record, "csv")
            return answer
        rows, total = uncertainty_rows(results, scope)
        return self.renderer.page(
            request, "uncertainty.html", language, results, scope=scope, list_name=name, rows=rows, total=total,
            shares=variance_shares(rows), keys=keys, measures=measures,
            chart=service.chart(results, "uncertainty", language, {"scope": scope}),
            scope_pairs=[(s, translate(f"charts.uncertainty.{s}", language)) for s in SCOPES],
            list_pairs=[(x, f"{x} {translate(f'key_categories.{x}', language)}") for x in KEY_LISTS],
            name=lambda category, gas: row_name(category, gas, language),
            csv={t: csv_address(request, table=t) for t in ("level", "keys", "measures")},
        )  # fmt: skip

    def reconciliation(self, request: Request, language: str) -> Response:
        """This inventory beside the reference inventory: one year of all items, or one item in all years."""
        results, asked = self._results(request), request.query_params
        years = sorted({str(r.year) for r in results.reconciliation}, reverse=True)
        item, year = asked.get("item", ""), asked.get("year", "")
        if not item and not year and years:
            year = years[0]
        found = service.reconciliation(results, item, "" if year == "all" else year)
        if asked.get("format") == "csv":
            answer: Response = table(found, ReconciliationRecord, "csv")
            return answer
        return self.renderer.page(
            request, "reconciliation.html", language, results, rows=found, item=item, year=year or "all",
            chart=service.chart(results, "reconciliation", language, {"item": item} if item else {}),
            year_pairs=[*((y, y) for y in years), ("all", translate("portal.filter.all_years", language))],
            item_pairs=[(i, _item_label(i, language)) for i in items_of(results)],
            item_name=lambda r: item_name(f"{r.dimension}:{r.item}", language),
            dimension_name=lambda name: dimension_name(name, language),
            reasons=lambda codes: [text_or_code(f"recon.{c}", c, language) for c in codes.split(";") if c],
            csv_address=csv_address(request, year=year or "all"),
            has_approach=any(r.dimension == "approach" for r in results.reconciliation),
        )  # fmt: skip


def _item_label(item: str, language: str) -> str:
    name = item_name(item, language)
    colon = PUNCTUATION[language].colon
    return name if item.startswith(WHOLE) else f"{dimension_name(item.partition(':')[0], language)}{colon}{name}"
