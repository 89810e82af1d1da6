"""What all commands share: the language option and the answer to bad input."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

if TYPE_CHECKING:
    from tanlu.core.errors import DataError
    from tanlu.records import Records

EXIT_BAD_INPUT = 2

Language = Annotated[str, typer.Option("--lang", envvar="TANLU_LANG", help="语言 language: zh, en.", show_default=True)]
AsJson = Annotated[bool, typer.Option("--json", help="输出 JSON。Print JSON.")]


def default_province() -> str:
    """Return the province of the environment variable ``TANLU_PROVINCE``, otherwise the first that ships with the package."""
    shipped = sorted(p.parent.name for p in (Path(__file__).parent.parent / "provinces").glob("*/province.yaml"))
    return os.environ.get("TANLU_PROVINCE") or (shipped[0] if shipped else "")


def default_workspace() -> Path:
    """Return the workspace folder that `tanlu run` makes for the default province."""
    return Path(f"tanlu-{default_province()}")


ProvinceName = Annotated[
    str, typer.Option("--province", help="省份名称或数据文件夹。Name of a province or path of its folder.")
]


def default_language() -> str:
    """Return the language of the environment variable ``TANLU_LANG``, Chinese if it is not set."""
    return "en" if os.environ.get("TANLU_LANG", "zh").lower().startswith("en") else "zh"


def check_language(language: str) -> str:
    """Return the language, or end the command if it is not one of the catalogue's."""
    from tanlu.core.messages import LANGUAGES

    if language not in LANGUAGES:
        raise typer.BadParameter(f"{language!r}: zh, en", param_hint="--lang")
    return language


def fail(error: DataError, language: str, as_json: bool) -> NoReturn:
    """Print every problem and end with exit code 2."""
    from tanlu.core.messages import translate

    if as_json:
        json.dump(
            {"problems": [p.as_record(language) for p in error.problems]}, sys.stdout, ensure_ascii=False, indent=1
        )
        print()
    else:
        print(translate("cli.problems", language, count=len(error.problems)), file=sys.stderr)
        for problem in error.problems:
            print("  " + problem.text(language), file=sys.stderr)
    raise typer.Exit(EXIT_BAD_INPUT)


@contextmanager
def opened_records(out: Path, language: str, as_json: bool) -> Iterator[Records]:
    """Open the records of a workspace; end the command with every problem if something is refused."""
    check_language(language)
    from tanlu.core.errors import DataError
    from tanlu.workspace import open_records

    records = None
    try:
        records = open_records(out)
        yield records
    except DataError as error:
        fail(error, language, as_json)
    finally:
        if records is not None:
            records.close()
