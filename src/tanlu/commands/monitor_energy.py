"""``tanlu monitor energy``: use of energy of buildings and plants, with baseline, intensity and place among peers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tanlu.commands.common import AsJson, Language, check_language, default_language, default_workspace, fail
from tanlu.commands.monitor_common import WorkspaceFolder, open_ledger

if TYPE_CHECKING:
    from tanlu.monitor.ledger import Ledger


def register(app: typer.Typer) -> None:
    """Add the command to the commands of monitoring."""
    app.command("energy")(energy)


def energy(
    workspace: WorkspaceFolder = default_workspace(),
    unit: Annotated[str, typer.Option("--unit", help="只看一个单位。One unit.")] = "",
    carrier: Annotated[str, typer.Option(help="能源品种。Carrier.")] = "electricity",
    first: Annotated[str, typer.Option("--from", help="首日；默认最近一月。First day; the last month.")] = "",
    last: Annotated[str, typer.Option("--to", help="末日。Last day.")] = "",
    base_from: Annotated[str, typer.Option(help="基准期首日。First day of the baseline.")] = "",
    base_to: Annotated[str, typer.Option(help="基准期末日。Last day of the baseline.")] = "",
    sites: Annotated[
        Path | None, typer.Option(help="用途、面积、产品（CSV），登记入账。Uses, areas, products to register.")
    ] = None,
    temperature: Annotated[
        Path | None, typer.Option(help="逐日气温（CSV），登记入账。Temperatures by day to register.")
    ] = None,
    as_json: AsJson = False,
    language: Language = default_language(),
) -> None:
    """建筑与企业用能：负荷、基准与节约、单耗与同类位次。Energy use with baseline, savings, intensity, peers.

    例 Example: tanlu monitor energy --sites fleet/sites.csv --temperature fleet/temperature.csv
    例 Example: tanlu monitor energy --unit demo-e00007 --from 2024-07-16 --to 2024-07-31 --json
    """
    from tanlu.core.errors import DataError, Problem
    from tanlu.portal.service import NotFoundError

    check_language(language)
    try:
        ledger = open_ledger(workspace, read_only=True)
        taken = _take(ledger, sites, temperature)
        given = {
            "id": unit,
            "carrier": carrier,
            "from": first,
            "to": last,
            "base_from": base_from,
            "base_to": base_to,
        }
        answer = {**taken, **_answer(workspace, given)} if ledger.days() else taken
    except NotFoundError as error:
        fail(DataError([Problem("energy_use_unknown", str(workspace), value=error.value)]), language, as_json)
    except DataError as error:
        fail(error, language, as_json)
    if as_json:
        from tanlu.commands.energy_common import print_json

        print_json(answer)
    else:
        _print(answer, language)


def _take(ledger: Ledger, sites: Path | None, temperature: Path | None) -> dict[str, Any]:
    """Register both files, or neither where one of them is wrong."""
    from tanlu.core.errors import DataError, Problem
    from tanlu.monitor import energy_sites as kept

    problems: list[Problem] = []
    found: list[kept.Site] = []
    degrees: list[kept.Temperatures] = []
    try:
        found = kept.read_sites(sites, ledger.registry) if sites is not None else []
    except DataError as error:
        problems += error.problems
    try:
        degrees = kept.read_temperatures(temperature, ledger.registry) if temperature is not None else []
    except DataError as error:
        problems += error.problems
    if problems:
        raise DataError(problems)
    return {
        "sites": kept.add_sites(ledger.catalog, found),
        "temperatures": kept.add_temperatures(ledger.catalog, degrees),
    }


def _answer(workspace: Path, given: dict[str, str]) -> dict[str, Any]:
    """Return what is told of one unit, or of all."""
    from dataclasses import asdict

    from tanlu.portal.monitor import energy_view as view
    from tanlu.portal.monitor.service import Monitoring

    m = Monitoring(workspace)
    if given["id"]:
        return {"unit": view.one_record(m, given)}
    span = m.span(given["from"], given["to"])
    lines = view.energy_lines(m, m.ledger().province, given["carrier"], span)
    return {
        "first": span.names[0],
        "last": span.names[1],
        "carrier": given["carrier"],
        "units": [asdict(x) for x in lines],
    }


def _print(answer: dict[str, Any], language: str) -> None:
    from tanlu.commands.plain_table import print_table
    from tanlu.core.messages import translate
    from tanlu.monitor.carriers import carriers

    if answer["sites"] or answer["temperatures"]:
        print(translate("monitor.energy.registered", language, sites=answer["sites"], days=answer["temperatures"]))
    lines = answer.get("units", [])
    if one := answer.get("unit"):
        _print_unit(one, language)
    elif lines:
        carrier = carriers()[answer["carrier"]]
        told = {"first": answer["first"], "last": answer["last"], "carrier": carrier.name(language)}
        heads = [translate(f"portal.monitor.{k}", language) for k in _HEADS]
        heads[1] += f" {carrier.unit}"
        rows = [
            (x["id"], f"{x['total']:,.0f}", _intensity(x, carrier.unit, language),
             "–" if x["percentile"] is None else f"{x['percentile']:.0f}", f"{100 * x['known']:.1f}%")
            for x in lines
        ]  # fmt: skip
        print_table(translate("monitor.energy.title", language, **told), heads, rows, words=(0,))


def _intensity(line: dict[str, Any], unit: str, language: str) -> str:
    from tanlu.portal.monitor.energy import per_word

    if line["intensity"] is None:
        return "–"
    return f"{line['intensity']:,.2f} {unit}/{per_word(language, line['per'])}"


_HEADS = ("name", "energy.total", "energy.intensity", "energy.percentile", "energy.known")


def _print_unit(one: dict[str, Any], language: str) -> None:
    from tanlu.core.messages import translate

    def say(key: str, **values: object) -> str:
        return translate(f"portal.monitor.energy.{key}", language, **values)

    print(f"{one['unit']} {one['first']} – {one['last']}: {one['total']:,.0f} {one['amount_unit']}")
    if one["peak"]:
        print(f"  {say('peak')} {one['peak']['value']:,.0f} {one['amount_unit']}/h")
    if one["night"] is not None:
        print(f"  {say('night')} {100 * one['night']:.1f}%")
    if c := one["baseline"]:
        percent = {k: f"{abs(100 * c[k]):.1f}" for k in ("cv_rmse", "nmbe")}
        told = {"driver": say(f"driver.{c['driver']}"), "cv": percent["cv_rmse"], "nmbe": percent["nmbe"]}
        print("  " + say("fit", first=c["first"], last=c["last"], n=c["n"], **told))
        band = say("band", low=f"{c['low']:,.0f}", high=f"{c['high']:,.0f}")
        print(f"  {say('savings')} {c['saved']:,.0f} {one['amount_unit']} ({band})")
    else:
        print(f"  {say('no_baseline')}")
