"""The page of the studio on targets: what a setting says about every target of the plan, or why it says nothing."""

from __future__ import annotations

from typing import Any, Final

from fastapi import Request, Response

from tanlu.assessment.target_outlooks import Rules, load_rules, target_study
from tanlu.assessment.target_words import reason_text, row_words
from tanlu.pathways.scenario_files import SEED
from tanlu.portal.addresses import Handler
from tanlu.portal.rendering import Renderer
from tanlu.portal.service import NotFoundError
from tanlu.portal.studio.service import Studio, with_note

PATH: Final = "/studio/targets"


class TargetPages:
    """Handler of this page; plan and indicators of a province are read once for each version of its data."""

    def __init__(self, renderer: Renderer, studio: Studio) -> None:
        self.renderer, self.studio = renderer, studio
        self._rules: dict[str, Rules] = {}

    @property
    def handlers(self) -> dict[str, Handler]:
        """Handlers by path."""
        return {PATH: self.page}

    def page(self, request: Request, language: str) -> Response:
        """The targets beside the setting of the address."""
        try:
            model = self.studio.model()
        except NotFoundError as error:
            return self.renderer.page(request, "studio_none.html", language, None, province=error.value)
        setting, problems, _ = self.studio.read(request.query_params.get("s", ""))
        view = self.studio.view(setting, language)
        scenario, _ = self.studio.fan(setting)
        assert model.inventory is not None  # a loaded model has one
        records = target_study(self._read(), model.inventory, scenario, model.baseline, SEED)
        answer = self.renderer.page(
            request, "studio_targets.html", language, None, scenario_name=view.scenario, link=view.link, total=len(records),
            problems=[p.text(language) for p in problems],
            assumed=with_note(self.studio.assumed(setting, language), language), **_told(records, language),
        )  # fmt: skip
        answer.status_code = 422 if problems else 200
        return answer

    def _read(self) -> Rules:
        model = self.studio.model()
        if model.data_hash not in self._rules:
            self._rules = {model.data_hash: load_rules(model.province)}
        return self._rules[model.data_hash]


def _told(records: list[dict[str, Any]], language: str) -> dict[str, Any]:
    """Return the rows of both tables: what the model has a quantity for, and the reasons of the others."""
    told = [r for r in records if r["quantity"]]
    silent = [(r["target"], r[language], reason_text(r, language)) for r in records if not r["quantity"]]
    return {
        "rows": [row_words(r, language) for r in told], "silent": silent,
        "chances": sum(r["probability"] is not None for r in told),
    }  # fmt: skip
