"""`tanlu energy import|export`: energy systems from and to the formats of other models."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tanlu.commands.common import AsJson, Language, check_language, default_language, fail
from tanlu.commands.energy_common import SystemName, cannot_write, print_json, read

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tanlu.core.errors import Notice

IMPORTS = ("pypsa", "osemosys")
EXPORTS = ("pypsa",)
NAMED = 3
"""Components that a line names before it only counts them."""

Source = Annotated[
    Path,
    typer.Argument(
        metavar="FILE", help="PyPSA 的 CSV 文件夹或 .nc，或 otoole 的 CSV 文件夹。A network, or a folder of CSV files."
    ),
]


def import_(
    source: Source,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="写入的系统文件夹。Folder of the system to write.")],
    format_: Annotated[str, typer.Option("--format", help="格式：pypsa、osemosys。Format: pypsa, osemosys.")] = "pypsa",
    year: Annotated[int, typer.Option("--year", help="网络所指年份。Year of a network that names none.")] = 2030,
    discount_rate: Annotated[
        float, typer.Option("--discount-rate", help="PyPSA 的实际贴现率。Real rate, for PyPSA.")
    ] = 0.06,
    price_year: Annotated[int, typer.Option("--price-year", help="价格年份。Year of the prices.")] = 2023,
    as_json: AsJson = False,
    language: Language = default_language(),
) -> None:
    """读入其他模型的能源系统，列出未能对应的内容。Read the energy system of another model; what does not map is told.

    例 Example: tanlu energy import ./network --format pypsa --out ./system
    """
    from tanlu.core.errors import DataError
    from tanlu.core.messages import translate
    from tanlu.energy.interop.folder import write_system
    from tanlu.energy.interop.osemosys import read_osemosys
    from tanlu.energy.interop.pypsa import read_pypsa

    check_language(language)
    try:
        _require_format(format_, IMPORTS)
        if format_ == "osemosys":
            found = read_osemosys(source, price_year=price_year)
        else:
            found = read_pypsa(source, discount_rate=discount_rate, year=year, price_year=price_year)
        write_system(found.system, out)
    except DataError as error:
        fail(error, language, as_json)
    except OSError as error:
        fail(cannot_write(out, error), language, as_json)
    counts = {"components": len(found.system.components), "nodes": len(found.system.nodes), "folder": str(out)}
    _tell(found.notices, counts, language, as_json)
    if not as_json:
        print(translate("energy.command.imported", language, **counts))


def export(
    system: SystemName,
    out: Annotated[
        Path, typer.Option("--out", metavar="DIR", help="写入的文件夹，或 .nc 文件。Folder to write, or a .nc file.")
    ],
    format_: Annotated[str, typer.Option("--format", help="格式：pypsa。Format: pypsa.")] = "pypsa",
    as_json: AsJson = False,
    language: Language = default_language(),
) -> None:
    """把能源系统写成其他模型的格式，列出未能对应的内容。Write an energy system for another model; what does not map is told.

    例 Example: tanlu energy export hunan --format pypsa --out ./network
    """
    from tanlu.core.errors import DataError
    from tanlu.core.messages import translate
    from tanlu.energy.interop.pypsa import write_pypsa

    check_language(language)
    try:
        _require_format(format_, EXPORTS)
        found, _ = read(system)
        exported = write_pypsa(found, out)
    except DataError as error:
        fail(error, language, as_json)
    except OSError as error:
        fail(cannot_write(out, error), language, as_json)
    _tell(exported.notices, {"folder": str(out), "cost_not_counted": exported.constant}, language, as_json)
    if not as_json:
        print(translate("energy.command.exported", language, folder=out))


def _require_format(name: str, known: Sequence[str]) -> None:
    """Raise for a format that there is not."""
    from tanlu.core.errors import DataError, Problem

    if name not in known:
        raise DataError(
            [Problem("energy_format_unknown", "", value=name, field="--format", details={"allowed": ", ".join(known)})]
        )


def _tell(notices: Sequence[Notice], counts: dict[str, object], language: str, as_json: bool) -> None:
    """Print what was not carried over: all of it as JSON, else a line for all components of which the same is said."""
    if as_json:
        print_json({**counts, "notices": list(dict.fromkeys(notice.text(language) for notice in notices))})
        return
    said: dict[tuple[object, ...], list[Notice]] = {}
    for notice in notices:
        rest = tuple((key, str(value)) for key, value in notice.details.items() if key != "component")
        said.setdefault((notice.code, notice.file, rest), []).append(notice)
    for alike in said.values():
        print(_joined(alike, language).text(language), file=sys.stderr)


def _joined(alike: Sequence[Notice], language: str) -> Notice:
    """Return one notice for several that differ in their component only."""
    from tanlu.core.messages import translate

    first = alike[0]
    names = list(dict.fromkeys(str(notice.details.get("component")) for notice in alike))
    if len(names) == 1:
        return first
    named = ", ".join(names[:NAMED])
    if len(names) > NAMED:
        named = translate("energy.command.and_more", language, names=named, count=len(names))
    return replace(first, details={**first.details, "component": named})
