"""``tanlu monitor conformance``: whether an engine answers the cases of the operators rightly."""

from __future__ import annotations

from typing import Annotated

import typer

from tanlu.commands.common import AsJson, Language, check_language, default_language, fail
from tanlu.commands.energy_common import print_json


def register(app: typer.Typer) -> None:
    """Add the command to the commands of monitoring."""
    app.command("conformance")(conformance)


def conformance(
    engine: Annotated[
        str,
        typer.Argument(
            metavar="ENGINE",
            help="kernel、duckdb、spark://…、local[2]、clickhouse、clickhouse://…、postgresql://…。Engine.",
        ),
    ],
    as_json: AsJson = False,
    language: Language = default_language(),
) -> None:
    """逐个算例检验计算引擎；有一个答错即以代码1结束。Examine an engine case by case; one wrong answer ends with code 1.

    例 Example: tanlu monitor conformance duckdb
    """
    from tanlu.core.errors import DataError
    from tanlu.core.messages import translate

    check_language(language)
    try:
        from tanlu.monitor.conformance import examine
        from tanlu.monitor.engines.choice import open_engine

        opened = open_engine(engine)
        answers = examine(opened)
    except DataError as error:
        fail(error, language, as_json)
    wrong = [answer for answer in answers if not answer.right]
    if as_json:
        cases = [{"case": a.case, "right": a.right, "fault": a.fault} for a in answers]
        print_json({"engine": opened.name, "accepted": not wrong, "cases": cases})
    else:
        for answer in wrong:
            print(f"{answer.case}: {answer.fault}")
        key = "monitor.conformance.refused" if wrong else "monitor.conformance.accepted"
        print(translate(key, language, engine=opened.name, cases=len(answers), wrong=len(wrong)))
    if wrong:
        raise typer.Exit(1)
