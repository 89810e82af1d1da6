"""The studio's service: the model warm in this process, a setting run through it, and what page and API show of it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from time import monotonic
from typing import Any, Final

import numpy as np

from tanlu import __version__
from tanlu.charts.format import subscript
from tanlu.charts.studio import CO2, Picture, View, emitter_groups
from tanlu.charts.studio_central import emissions_picture, final_picture, power_picture, sector_picture
from tanlu.charts.studio_effects import Money, costs_picture, gases_picture, wedges_picture
from tanlu.charts.studio_fan import fan_picture
from tanlu.charts.studio_flows import flows_picture
from tanlu.core.errors import DataError, Problem
from tanlu.core.lineage import Node
from tanlu.core.messages import translate
from tanlu.pathways import Model, Result, Setting
from tanlu.pathways.apart import model_of, shares_of, wedges_of
from tanlu.pathways.dimensions import REFERENCE
from tanlu.pathways.parameters import Floats
from tanlu.pathways.scenario_files import FOLDER, SEED, ScenarioFile, differences, read_folder, write_scenario
from tanlu.pathways.scenario_link import decode, encode
from tanlu.pathways.scenarios import TOTAL, Scenario
from tanlu.pathways.sensitivity import Share, share_text
from tanlu.pathways.simulation import DRAWS, Simulation, first_province
from tanlu.pathways.wedges import Wedges
from tanlu.portal.service import NotFoundError, Workspace
from tanlu.portal.studio.view import action_names

PICTURES: Final = ("emissions", "fan", "power", "final", "sector", "costs", "wedges", "gases", "flows")
OF_EFFECTS: Final = frozenset({"costs", "gases"})
"""Pictures of what follows from a run, for which not every province has data."""
KEPT: Final = 8
"""Scenarios with their draws that are held in memory, about 5 MB each."""
MOST_COMPARED: Final = 4
NAMED_FOR: Final = 1.0
"""Seconds until the portal looks again which province the latest run is of."""
FLOW_YEAR: Final = 2040


@dataclass(frozen=True, slots=True)
class Options:
    """What a visitor chooses beside the setting: the group of sectors that is opened, the year of the energy flows."""

    group: str = ""
    year: int = FLOW_YEAR


class Studio:
    """Runs settings for pages and API; models and the scenarios asked for last are kept."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self._drawn: OrderedDict[tuple[str, str], tuple[Scenario, Mapping[str, Any]]] = OrderedDict()
        self._lock, self._drawing, self._loading = Lock(), Lock(), Lock()
        self._sources: dict[str, tuple[Node, ...]] = {}
        self._models: dict[str, Model] = {}
        self._wedges: OrderedDict[tuple[str, str], Wedges] = OrderedDict()
        self._shares: OrderedDict[tuple[str, str], list[Share]] = OrderedDict()
        self._reference: tuple[Model, Result, Floats] | None = None
        self._named: tuple[str, float] | None = None

    @property
    def folder(self) -> Path:
        """Folder of saved scenarios."""
        return self.workspace.folder / FOLDER

    def province(self) -> str:
        """Return the province of the latest run; the first that ships with the package where there is no run."""
        # the folders are not searched anew for each of the questions that a moved slider asks
        if self._named is None or monotonic() > self._named[1]:
            try:
                name = self.workspace.results().province
            except (NotFoundError, DataError):
                name = first_province()
            self._named = (name, monotonic() + NAMED_FOR)
        return self._named[0]

    def model(self) -> Model:
        """Return the model of the province.

        Raises
        ------
        NotFoundError
            If the data of the province are not on this machine.
        DataError
            If they are not sound.
        """
        name = self.province()
        try:
            with self._loading:
                if name not in self._models:
                    self._models[name] = model_of(name)
                return self._models[name]
        except DataError as error:
            if any(p.code == "no_province" for p in error.problems):
                raise NotFoundError("portal.missing.studio", name) from None
            raise

    def explained(self) -> Container[str]:
        """Return the ids that the latest run can explain; none where there is no run."""
        try:
            return self.workspace.results().lineage.nodes
        except (NotFoundError, DataError):
            return ()

    def warm(self) -> None:
        """Load the model, compile the engine and make the draws, so that the first visitor does not wait."""
        try:
            model = self.model()
        except (NotFoundError, DataError):
            return
        reference = self.reference(model)
        self.fan(reference)
        self.wedges(reference)
        self.shares(reference)
        view = self.view(reference, "zh")
        for name in self.pictures():
            self.first_picture(name, view, Options())

    def reference(self, model: Model) -> Setting:
        """Return the setting of the reference run."""
        world, _, growth = REFERENCE.partition("-")
        return Setting(world, growth)

    def reference_run(self) -> Result:
        """Return the central run of the reference."""
        model = self.model()
        if self._reference is None or self._reference[0] is not model:
            run = model.central(self.reference(model))
            total = np.concatenate([model.baseline.total[:-1], run.total[0]])
            self._reference = (model, run, total)
        return self._reference[1]

    def reference_total(self) -> Floats:
        """Return the total of the reference behind the history, [years] Mt."""
        self.reference_run()
        assert self._reference is not None
        return self._reference[2]

    def read(self, link: str) -> tuple[Setting, tuple[Problem, ...], bool]:
        """Return what a link says, what is wrong with it, and whether it was made with the present data."""
        model = self.model()
        if not link:
            return self.reference(model), (), True
        try:
            found = decode(link, model.data, model.data_hash)
        except DataError as error:
            return self.reference(model), error.problems, True
        return found.setting, found.problems, found.same_data

    def link(self, setting: Setting) -> str:
        """Return the link of a setting.

        Raises
        ------
        DataError
            If the setting is not sound.
        """
        model = self.model()
        return encode(setting, model.data, model.data_hash)

    def view(self, setting: Setting, language: str) -> View:
        """Run a setting centrally.

        Raises
        ------
        DataError
            If the setting is not sound.
        """
        model = self.model()
        link = self.link(setting)
        return View(model.data, model.baseline, setting, model.central(setting), language, link, self.sources(model))

    def sources(self, model: Model) -> tuple[Node, ...]:
        """Return the sources of levers, parameters and growth cases, those that say most first."""
        if model.data_hash not in self._sources:
            data, counts = model.data, dict[str, int]()
            used = [s for x in data.every for s in (x.source, x.source_of_max)]
            used += [v.source for v in data.parameters.values.values()] + [g.source for g in data.growth]
            for name in used:
                counts[name] = counts.get(name, 0) + 1
            known = model.sources
            chosen = [known[n] for n in sorted(counts, key=lambda n: (-counts[n], n)) if n in known]
            self._sources[model.data_hash] = tuple(
                Node(f"source:{s.id}", "source", s.title_zh, s.title_en, grade=s.grade.value) for s in chosen
            )
        return self._sources[model.data_hash]

    def fan(self, setting: Setting) -> tuple[Scenario, Mapping[str, Any]]:
        """Return the scenario with its draws; one is drawn at a time."""
        model, link = self.model(), self.link(setting)
        key = (model.data_hash, link)
        with self._lock:
            if key in self._drawn:
                self._drawn.move_to_end(key)
                return self._drawn[key]
        with self._drawing:
            made = model.scenario(setting, DRAWS, SEED)
        with self._lock:
            self._drawn[key] = made
            while len(self._drawn) > KEPT:
                self._drawn.popitem(last=False)
        return made

    def simulation(self, file: ScenarioFile) -> Simulation:
        """Return a scenario for exports."""
        scenario, paths = self.fan(file.setting)
        return Simulation(self.model(), file, scenario, paths, DRAWS, 0.0)

    def wedges(self, setting: Setting) -> Wedges:
        """Return what each action takes off, from the frozen world to a setting."""
        model, link = self.model(), self.link(setting)
        key = (model.data_hash, link)
        with self._lock:
            if key in self._wedges:
                return self._wedges[key]
        with self._drawing:
            found = wedges_of(model, setting)
        with self._lock:
            self._wedges[key] = found
            while len(self._wedges) > KEPT:
                self._wedges.popitem(last=False)
        return found

    def shares(self, setting: Setting) -> list[Share]:
        """Return where the variance of a setting comes from."""
        model, link = self.model(), self.link(setting)
        key = (model.data_hash, link)
        with self._lock:
            if key in self._shares:
                return self._shares[key]
        with self._drawing:
            found = shares_of(model, setting)
        with self._lock:
            self._shares[key] = found
            while len(self._shares) > KEPT:
                self._shares.popitem(last=False)
        return found

    def assumed(self, setting: Setting, language: str) -> str:
        """Return the sentences that say how much of the variance of a setting's results rests on assumptions."""
        shares = self.shares(setting)
        said = [subscript(share_text(shares, output, language)) for output in ("co2_deadline", "net_last")]
        return translate("portal.studio.assumed", language, near=said[0], far=said[1])

    def money(self, view: View) -> Money | None:
        """Return what a setting costs beside the reference; None where the province has no data on costs."""
        model, reference = self.model(), self.reference(self.model())
        mine = model.effects(view.setting, view.run)
        base = model.effects(reference, self.reference_run())
        if mine is None or base is None:
            return None
        co2 = view.run.with_imports[0], self.reference_run().with_imports[0]
        return Money(mine.costs.yearly[0], base.costs.total[0], co2, mine.rate, mine.price_year, mine.grades["costs"])

    def picture(self, name: str, view: View, options: Options) -> Picture:
        """Return a picture by name; the fan is drawn for it.

        Raises
        ------
        NotFoundError
            If there is no such picture or group of sectors.
        """
        if name == "fan":
            scenario, _ = self.fan(view.setting)
            return fan_picture(view, scenario.fans[TOTAL], scenario.chance)
        if name == "wedges":
            return wedges_picture(view, self.wedges(view.setting), action_names(self.model(), view.language))
        return self.quick_picture(name, view, options)

    def first_picture(self, name: str, view: View, options: Options) -> Picture:
        """Return a picture as a page first has it: the draws of the fan come later."""
        return self.quick_picture(name, view, options) if name == "fan" else self.picture(name, view, options)

    def quick_picture(self, name: str, view: View, options: Options) -> Picture:
        """Return a picture of the central run alone."""
        makers: dict[str, Callable[[], Picture]] = {
            "emissions": lambda: emissions_picture(view), "power": lambda: power_picture(view),
            "final": lambda: final_picture(view), "sector": lambda: sector_picture(view, group_of(options.group)),
            "fan": lambda: fan_picture(view, None, None), "costs": lambda: self._costs_picture(view),
            "flows": lambda: flows_picture(view, options.year), "gases": lambda: self._gases_picture(view),
        }  # fmt: skip
        if name not in makers:
            raise NotFoundError("portal.missing.chart", name)
        return makers[name]()

    def _costs_picture(self, view: View) -> Picture:
        money = self.money(view)
        if money is None:
            raise NotFoundError("portal.missing.chart", "costs")
        return costs_picture(view, money)

    def _gases_picture(self, view: View) -> Picture:
        model = self.model()
        found, base = model.effects(view.setting, view.run), model.effects(self.reference(model), self.reference_run())
        if found is None or base is None:
            raise NotFoundError("portal.missing.chart", "gases")
        gwp = str(model.province.settings["gwp"])
        return gases_picture(view, found.co2e(gwp)[0], base.co2e(gwp)[0], gwp, found.grades)

    def pictures(self) -> tuple[str, ...]:
        """Return the pictures that the data of the province allow."""
        known = self.model().effects_data is not None
        return tuple(name for name in PICTURES if name not in OF_EFFECTS or known)

    def saved(self) -> tuple[dict[str, ScenarioFile], list[Problem]]:
        """Return the saved scenarios by name, and what is wrong with files or has changed since they were made."""
        model = self.model()
        found, problems = read_folder(self.folder, model.data)
        return found, problems

    def changes(self, file: ScenarioFile) -> list[Problem]:
        """Return in what a saved scenario differs from the present model and data."""
        model = self.model()
        name = f"{file.name}.yaml"
        return [*file.setting.problems(model.data, name), *differences(file, model.data_hash, name)]

    def save(self, file: ScenarioFile) -> Path:
        """Write a scenario into the workspace.

        Raises
        ------
        DataError
            If the name is taken or not one, or the setting is not sound.
        """
        return write_scenario(self.folder, file, self.model().data)

    def named(self, token: str) -> ScenarioFile:
        """Return the scenario of a link, of a saved name or of a world and growth case.

        Raises
        ------
        DataError
            If there is none.
        """
        model, saved = self.model(), self.saved()[0]
        if token in saved:
            return saved[token]
        world, _, growth = token.partition("-")
        if world in model.data.worlds and growth in {p.case for p in model.data.growth}:
            return ScenarioFile(token, Setting(world, growth))
        found = decode(token, model.data, model.data_hash)
        if found.problems:
            raise DataError(found.problems)
        return ScenarioFile("", found.setting, model_version=__version__, data_hash=model.data_hash)


def group_of(asked: str) -> str:
    """Return a group of sectors; that with most sectors by default.

    Raises
    ------
    NotFoundError
        If there is no such group.
    """
    known = emitter_groups()
    if asked and asked not in known:
        raise NotFoundError("portal.missing.group", asked)
    return asked or max(known, key=lambda group: len(known[group]))


def series(view: View) -> dict[str, Any]:
    """Return the central run as plain series: unit and values by name, years of the run."""
    from tanlu.pathways.dimensions import CARRIERS, EMITTERS, GENERATORS
    from tanlu.pathways.tables import CAPACITIES, INDICATORS

    run = view.run
    final = run.final[0].sum(axis=1)
    units = dict(
        zip(INDICATORS, ("10^9 CNY/yr", "10^6", "TWh/yr", CO2, CO2, "TWh/yr", "PJ/yr", "Mtce/yr", "1"), strict=True)
    )
    table: list[tuple[str, str, Any]] = [
        ("co2", CO2, run.total[0]), ("net_co2", CO2, run.net[0]), ("co2_with_imports", CO2, run.with_imports[0]),
        *((f"co2:{e}", CO2, run.emissions[0, :, i]) for i, e in enumerate(EMITTERS)),
        *((f"generation:{g}", "TWh/yr", run.generation[0, :, i]) for i, g in enumerate(GENERATORS)),
        *((f"capacity:{c}", "GW", run.capacity[0, :, i]) for i, c in enumerate(CAPACITIES)),
        *((f"final:{c}", "PJ/yr", final[:, i]) for i, c in enumerate(CARRIERS)),
        *((name, units[name], run.indicator(name)[0]) for name in INDICATORS),
    ]  # fmt: skip
    return {
        "years": run.years.tolist(),
        "series": {name: {"unit": unit, "values": _rounded(values)} for name, unit, values in table},
    }


def _rounded(values: Any) -> list[float]:
    out: list[float] = np.round(np.asarray(values, float), 4).tolist()
    return out


def compared_labels(files: Sequence[ScenarioFile], names: Sequence[str]) -> list[str]:
    """Return a name for each scenario, different from the others."""
    out: list[str] = []
    for file, name in zip(files, names, strict=True):
        label, number = file.name or name, 2
        while label in out:
            label, number = f"{file.name or name} ({number})", number + 1
        out.append(label)
    return out


def with_note(text: str, language: str) -> str:
    """Return the sentences of `Studio.assumed` with the one that says why shares do not add up to 100 %."""
    note = translate("pathways.sensitivity.together", language)
    return translate("portal.studio.assumed_whole", language, text=text, note=note)
