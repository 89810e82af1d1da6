"""A model that is loaded once, and a lever setting run through it: what a command, a notebook and the studio share."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from importlib import import_module
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tanlu import __version__
from tanlu.accounts import Inventory
from tanlu.core.hashing import hash_folder
from tanlu.core.kept import hash_code, kept
from tanlu.core.provenance import Source
from tanlu.core.province import Province, load_province, province_folder
from tanlu.pathways.baseline import Baseline, baseline_from_inventory
from tanlu.pathways.build import engine_parameters
from tanlu.pathways.data import FOLDER as PATHWAYS
from tanlu.pathways.data import PathwayData, load_pathways
from tanlu.pathways.dimensions import REFERENCE
from tanlu.pathways.engine import Parameters, run
from tanlu.pathways.parameters import Floats
from tanlu.pathways.scenario_files import SEED, ScenarioFile, Setting, data_hash
from tanlu.pathways.scenarios import TOTAL, Scenario, ScenarioSet, draw_paths, imported_co2, scenario_of
from tanlu.pathways.tables import Result
from tanlu.pathways.uncertainty import Draws, sample

if TYPE_CHECKING:
    from tanlu.pathways.effects import Effects, EffectsData, EffectTables

DRAWS: Final = 2048
KEPT_TABLES: Final = 8
"""Growth cases with their schedules whose tables of effects are held in memory."""
MODEL_NAME: Final = f"Tanlu {__version__}"
REPORTED: Final = (2025, 2030, 2035, 2040, 2050, 2060)


@dataclass(frozen=True)
class Model:
    """A province with its pathway data, calibrated; what a run needs is made once and kept."""

    province: Province
    data: PathwayData
    baseline: Baseline
    inventory: Inventory | None = None
    """What the baseline was made from; costs and other effects need it."""
    effects_data: EffectsData | None = None
    """What other gases, costs, jobs and air pollutants rest on; None where the province has no data on them."""
    _parameters: dict[object, Parameters] = field(default_factory=dict, repr=False)
    _draws: dict[tuple[int, int], Draws] = field(default_factory=dict, repr=False)
    _tables: dict[object, EffectTables] = field(default_factory=dict, repr=False)
    _lock: Any = field(default_factory=threading.RLock, repr=False)

    @cached_property
    def data_hash(self) -> str:
        """Hash of the data, part by part; see `tanlu.pathways.scenario_files.data_hash`."""
        return data_hash(self.data, [float(v) for v in self.baseline.total])

    @property
    def region(self) -> str:
        """Name of the region in IAMC tables."""
        return f"China|{self.province.settings['en']}"

    def parameters(self, setting: Setting) -> Parameters:
        """Return what the engine needs for the growth case and the schedules of a setting."""
        key = (setting.growth, tuple(sorted(setting.schedules.items())))
        with self._lock:
            if key not in self._parameters:
                while len(self._parameters) > 32:
                    self._parameters.pop(next(iter(self._parameters)))
                self._parameters[key] = engine_parameters(setting.scheduled(self.data), self.baseline, setting.growth)
            return self._parameters[key]

    @property
    def sources(self) -> dict[str, Source]:
        """Sources by id: of the province, of its pathways, of other gases and costs."""
        own = (*self.data.sources, *(self.effects_data.sources if self.effects_data else ()))
        return {**self.province.sources, **{s.id: s for s in own}}

    def effects(self, setting: Setting, run: Result) -> Effects | None:
        """Return what follows from the central run of a setting; None where the province has no data on it.

        Raises
        ------
        DataError
            If the setting is not sound.
        """
        from tanlu.pathways.effects import effects

        data, tables = self.effects_data, self.effect_tables(setting)
        if data is None or tables is None:
            return None
        own = {lever.id for lever in data.levers}
        moved = {k: v for k, v in setting.levers.items() if k in own}
        worlds = self.data.world(setting.base, setting.levers), data.world(setting.base, moved)
        return effects(run, tables, *worlds)

    def effect_tables(self, setting: Setting) -> EffectTables | None:
        """Return what effects need for the growth case and the schedules of a setting; None where the province has no data on them."""
        from tanlu.pathways.effects import effect_tables

        data = self.effects_data
        if data is None:
            return None
        key = (setting.growth, tuple(sorted(setting.schedules.items())))
        with self._lock:
            if key not in self._tables:
                while len(self._tables) > KEPT_TABLES:
                    self._tables.pop(next(iter(self._tables)))
                timed = replace(data, levers=setting.scheduled(self.data).side)
                self._tables[key] = effect_tables(timed, self.parameters(setting), self.inventory)
            return self._tables[key]

    def draws(self, count: int, seed: int) -> Draws:
        """Return draws; those of the last two seeds and counts are kept."""
        with self._lock:
            if (count, seed) not in self._draws:
                while len(self._draws) > 1:
                    self._draws.pop(next(iter(self._draws)))
                self._draws[count, seed] = sample(self.data, self.baseline, count, seed)
            return self._draws[count, seed]

    def central(self, setting: Setting) -> Result:
        """Return the central run of a setting.

        Raises
        ------
        DataError
            If the setting is not sound.
        """
        return run(self.parameters(setting), self.data.world(setting.base, setting.levers))

    def scenario(self, setting: Setting, draws: int = DRAWS, seed: int = SEED) -> tuple[Scenario, dict[str, Floats]]:
        """Return a setting as a scenario, and its draws [n, years] of every fan variable (without sectors) in Mt CO2.

        Raises
        ------
        DataError
            If the setting is not sound.
        ValueError
            If the number of draws is not eight times a power of two.
        """
        parameters, levers = self.parameters(setting), self.data.world(setting.base, setting.levers)
        numbers = self.draws(draws, seed)
        central = run(parameters, levers)
        given = numbers.levers(self.data.levers, levers)
        drawn = run(parameters, given, numbers.quantities, numbers.weather, detail=False, parts=False)
        paths = draw_paths(self.baseline, drawn, numbers, sectors=False)
        made = scenario_of(self.baseline, parameters, setting.base, setting.growth, levers, central, drawn, paths)
        return made, paths


def load_model(province: str | Path = "") -> Model:
    """Return the model of a province; it is made once as long as its data stay the same.

    Parameters
    ----------
    province : str or Path
        Name of a province that ships with the package, or path of a folder; the first that ships by default.

    Raises
    ------
    DataError
        With every problem of the data.
    """
    name = str(province) or first_province()
    folder = province_folder(name)
    return _model(folder, hash_folder(folder / PATHWAYS))


def first_province() -> str:
    """Return the name of the first province that ships with the package."""
    shipped = Path(str(files("tanlu.provinces")))
    return next(iter(sorted(p.parent.name for p in shipped.glob("*/province.yaml"))), "")


def _effects_data(folder: Path) -> EffectsData | None:
    from tanlu.pathways.effects import load_effects

    return load_effects(folder) if (folder / PATHWAYS / "effects").is_dir() else None


@lru_cache(maxsize=4)
def _model(folder: Path, _data: str) -> Model:
    """Return the model, from the last command that read the same data with the same code where it was kept."""
    package = Path(str(files("tanlu")))
    data = [hash_folder(f) for f in (folder, package / "library", package / "messages")]
    code = hash_code(package / room for room in ("core", "accounts", "land", "pathways"))
    return Model(*kept("pathway-model", [str(folder), *data, code, np.__version__], lambda: _read(folder)))


def _read(folder: Path) -> tuple[Province, PathwayData, Baseline, Inventory, EffectsData | None]:
    """Read the data of a province and calibrate its base year."""
    from tanlu.accounts import build_inventory
    from tanlu.land import forest_rows

    province, data, side = load_province(folder), load_pathways(folder), _effects_data(folder)
    if side is not None:
        data = replace(data, side=side.levers)
    inventory = build_inventory(province, forest_rows(province))
    return province, data, baseline_from_inventory(inventory, province, data.parameters), inventory, side


@dataclass(frozen=True)
class Simulation:
    """A scenario that was run: its file, its central run, fan and peak, and what it cost.

    Attributes
    ----------
    file : ScenarioFile
        Name, setting, seed and provenance.
    scenario : Scenario
    paths : mapping
        Draws [n, years] by fan variable, Mt CO2; the same random numbers for equal seed and count.
    cpu_seconds : float
        Of runs and draws, without loading.
    """

    model: Model
    file: ScenarioFile
    scenario: Scenario
    paths: Mapping[str, Floats] = field(repr=False)
    draws: int
    cpu_seconds: float

    @property
    def peak(self) -> dict[str, Any]:
        """Peak year and level [Mt CO2], median and 5–95 % over the draws, and the chance of a peak by 2030 with its standard error."""
        chance, top = self.scenario.chance, self.paths[TOTAL].max(axis=1)
        low, middle, high = (float(v) for v in np.quantile(top, [0.05, 0.5, 0.95]))
        return {
            "year": {"median": chance.year_middle, "p05": chance.year_low, "p95": chance.year_high},
            "level": {"median": round(middle, 6), "p05": round(low, 6), "p95": round(high, 6), "unit": "Mt CO2/yr"},
            "central": {"year": self.scenario.peak.year, "level": round(self.scenario.peak.level, 6)},
            "probability_by_2030": round(chance.probability, 6),
            "stderr": round(chance.stderr, 6),
            "test": self.scenario.peak.status,
            "plateau": list(self.scenario.peak.plateau),
            "inventory_test": self.scenario.observed.status,
            "past": self.scenario.peak_is_past,
        }

    def summary(self) -> dict[str, Any]:
        """Return the figures of the scenario as plain data."""
        run, fan = self.scenario.central, self.scenario.fans[TOTAL]
        ahead = fan.values[-len(run.years) :]
        series = {
            "co2": run.total[0], "co2_p05": ahead[:, 0], "co2_p50": ahead[:, 2], "co2_p95": ahead[:, 4], "net_co2": run.net[0],
            "with_imports": run.total[0] + imported_co2(self.model.baseline, run)[0],
            "electricity": run.indicator("electricity_demand")[0],
            "nonfossil_share": 100.0 * run.indicator("nonfossil_share")[0],
        }  # fmt: skip
        years = [int(run.years[0]), *(y for y in REPORTED if run.years[0] < y <= run.years[-1])]
        at = {year: int(np.flatnonzero(run.years == year)[0]) for year in years}
        return {
            "scenario": self.file.name, "base": self.file.setting.base, "growth": self.file.setting.growth,
            "levers": dict(self.file.setting.levers), "draws": self.draws, "seed": self.file.seed, "peak": self.peak,
            "series": {k: {str(y): round(float(v[at[y]]), 6) for y in years} for k, v in series.items()},
            "units": {
                **dict.fromkeys(("co2", "co2_p05", "co2_p50", "co2_p95", "net_co2", "with_imports"), "Mt CO2/yr"),
                "electricity": "TWh/yr", "nonfossil_share": "%",
            },
            "model_version": __version__, "data_hash": self.model.data_hash, "cpu_seconds": round(self.cpu_seconds, 3),
        }  # fmt: skip

    def iamc(self) -> list[list[str]]:
        """Return the IAMC wide table of the central run, header first; the column Scenario holds the name of the file."""
        from tanlu.pathways.iamc import iamc_rows

        one = ScenarioSet(
            self.model.data, self.model.baseline, self.file.seed, self.draws, {self.scenario.name: self.scenario}
        )
        head, *rows = iamc_rows(one, self.model.region, MODEL_NAME, {self.scenario.name: self.effects})
        return [head, *([row[0], self.file.name, *row[2:]] for row in rows)]

    @cached_property
    def effects(self) -> Effects | None:
        """Other gases, costs, jobs and air pollutants of the central run; None where the province has no data on them."""
        return self.model.effects(self.file.setting, self.scenario.central)

    def fan_rows(self) -> list[list[str]]:
        """Return the fans as a long table, header first: variable, unit, year, p05, p25, p50, p75, p95."""
        head = ["variable", "unit", "year", "p05", "p25", "p50", "p75", "p95"]
        return [head] + [
            [fan.variable, fan.unit, str(year), *(repr(round(float(v), 6)) for v in values)]
            for fan in self.scenario.fans.values()
            for year, values in zip(fan.years.tolist(), fan.values, strict=True)
        ]

    def to_pandas(self) -> Any:
        """Return the central run as a data frame: variable, unit, year, value; years without a value are left out.

        The package *pandas* must be installed.
        """
        pandas: Any = import_module("pandas")

        head, *rows = self.iamc()
        wide = pandas.DataFrame(rows, columns=head).drop(columns=["Model", "Scenario", "Region"])
        long = wide.melt(id_vars=["Variable", "Unit"], var_name="year", value_name="value")
        long = long[long["value"] != ""].rename(columns=str.lower)
        return long.astype({"year": int, "value": float}).sort_values(["variable", "year"], ignore_index=True)

    def _repr_html_(self) -> str:
        """Return a table for notebooks, in both languages."""
        from tanlu.pathways.compare import as_html

        return as_html(self.summary())


def simulate(
    levers: Mapping[str, float] | None = None,
    *,
    world: str = REFERENCE.partition("-")[0],
    growth: str = REFERENCE.partition("-")[2],
    schedules: Mapping[str, tuple[int, int]] | None = None,
    draws: int = DRAWS,
    seed: int = SEED,
    province: str | Path = "",
    name: str = "",
) -> Simulation:
    """Run a lever setting to 2060, centrally and over draws.

    Parameters
    ----------
    levers : mapping, optional
        Value by lever id, in the unit of the lever; what is not named stays as in the world.
    world, growth : str
    schedules : mapping, optional
        (start, full) by lever id.
    draws : int
        Eight times a power of two.
    seed : int
    province : str or Path
    name : str
        World and growth case by default.

    Returns
    -------
    Simulation
        With ``peak``, ``summary()``, ``to_pandas()``; notebooks show it as a table.

    Raises
    ------
    DataError
        For every unknown lever, value outside its range, unknown world or growth case.
    ValueError
        If the number of draws is not eight times a power of two.
    """
    setting = Setting(world, growth, dict(levers or {}), dict(schedules or {}))
    return simulate_file(ScenarioFile(name or f"{world}-{growth}", setting, seed), load_model(province), draws)


def simulate_file(file: ScenarioFile, model: Model, draws: int = DRAWS) -> Simulation:
    """Run a scenario file; see `simulate`."""
    from tanlu.core.errors import DataError

    problems = file.setting.problems(model.data, file.name)
    if problems:
        raise DataError(problems)
    # the first run loads the compiled engine, the first draws load a library
    model.central(file.setting)
    model.draws(draws, file.seed)
    began = time.process_time()
    scenario, paths = model.scenario(file.setting, draws, file.seed)
    return Simulation(model, file, scenario, paths, draws, time.process_time() - began)
