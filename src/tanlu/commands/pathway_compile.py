"""``tanlu pathway compile``: make the machine code of the pathway model ahead of its first use."""

from __future__ import annotations

import json
import os
import time

import typer

from tanlu.commands.common import AsJson, Language, check_language, default_language
from tanlu.commands.pathway_simulate import Province


def register(app: typer.Typer) -> None:
    """Add the command to its group."""
    app.command("compile")(compile_)


def compile_(province: Province = "hunan", as_json: AsJson = False, language: Language = default_language()) -> None:
    """预先编译情景推演的机器码，首次使用无需等待。Make the machine code of the pathway model ahead of its first use.

    例 Example: tanlu pathway compile
    """
    from tanlu.commands.common import fail
    from tanlu.core.errors import DataError
    from tanlu.core.kept import alone
    from tanlu.core.messages import translate
    from tanlu.pathways.effects import effects
    from tanlu.pathways.effects.run import yearly_costs
    from tanlu.pathways.engine import run
    from tanlu.pathways.machine_code import COMPILING
    from tanlu.pathways.scenario_files import Setting
    from tanlu.pathways.simulation import load_model

    check_language(language)
    # a command that finds no machine code begins this one and goes on; of several such only the first is to compile
    begun_apart = COMPILING in os.environ
    os.environ[COMPILING] = "1"
    began = time.process_time()
    with alone("pathway-compile", wait=not begun_apart) as wanted:
        if not wanted:
            return
        try:
            model = load_model(province)
            setting = Setting("current", "mid")
            result = run(model.parameters(setting), implementation="kernel")
            tables = model.effect_tables(setting)
        except DataError as error:
            fail(error, language, as_json)
        if tables is not None:
            effects(result, tables, implementation="kernel")
            yearly_costs(result, tables, implementation="kernel")
    seconds = time.process_time() - began
    if as_json:
        print(json.dumps({"cpu_seconds": round(seconds, 3)}))
    else:
        print(translate("pathways.compile.done", language, seconds=f"{seconds:.0f}"))
