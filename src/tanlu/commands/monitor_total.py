"""``tanlu monitor total``: emissions of a region or unit over a month or any days, also as they were known on a date."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from tanlu.commands.common import (
    AsJson,
    Language,
    check_language,
    default_language,
    default_province,
    default_workspace,
    fail,
)
from tanlu.commands.energy_common import print_json
from tanlu.commands.monitor_common import WorkspaceFolder, open_ledger

if TYPE_CHECKING:
    from tanlu.monitor.emissions import Emissions
    from tanlu.monitor.registry import Registry


def register(app: typer.Typer) -> None:
    """Add the command to the commands of monitoring."""
    app.command("total")(total)


def total(
    region: Annotated[
        str, typer.Option("--region", help="省、市州、县、园区、企业或设备编号。Region, enterprise or device.")
    ] = default_province(),
    month: Annotated[str, typer.Option("--month", help="月份，如 2024-07。Month.")] = "",
    first: Annotated[str, typer.Option("--from", help="首日，如 2024-07-01。First day.")] = "",
    last: Annotated[str, typer.Option("--to", help="末日。Last day.")] = "",
    known_at: Annotated[
        str, typer.Option("--known-at", help="按当日（或时刻）所知。As known on that day or at that moment.")
    ] = "",
    level: Annotated[
        str,
        typer.Option("--level", help="分列下级：prefecture、county、park、enterprise。Tell units of a level apart."),
    ] = "",
    by: Annotated[str, typer.Option("--by", help="分列：carrier、day、month，逗号分隔。Tell apart by.")] = "carrier",
    gwp: Annotated[str, typer.Option("--gwp", help="增温潜势组。GWP set.")] = "",
    workspace: WorkspaceFolder = default_workspace(),
    as_json: AsJson = False,
    language: Language = default_language(),
) -> None:
    """某地区或企业的排放：按气体，直接与外购分列，含实测、估算、缺测份额。Emissions by gas, direct and bought apart.

    例 Example: tanlu monitor total --region hunan --month 2024-07 --known-at 2024-08-05 --json
    """
    from tanlu.core.errors import DataError

    check_language(language)
    try:
        with open_ledger(workspace, read_only=True) as ledger:
            from tanlu.monitor.emissions import emissions
            from tanlu.monitor.factors import province_settings
            from tanlu.monitor.facts import Facts

            _check(ledger.registry, region, level, by, gwp)
            days = _days(month, first, last)
            facts = Facts(ledger, _moment(known_at))
            told = {*filter(None, by.split(",")), *(["unit"] if level else [])}
            chosen = gwp or str(province_settings(ledger.province)["gwp"])
            result = emissions(facts, region, *days, by=told, level=level or None, gwp=chosen)
    except DataError as error:
        fail(error, language, as_json)
    if as_json:
        rows = [row._asdict() for row in result.rows]
        print_json({**result.as_record(), "rows": rows})
    else:
        print_emissions(result, language)


def _check(registry: Registry, region: str, level: str, by: str, gwp: str) -> None:
    """Check the names given, all at once."""
    from tanlu.core.errors import DataError, Problem
    from tanlu.core.gases import GWP_SETS
    from tanlu.monitor.emissions import BY
    from tanlu.monitor.schema import UnitKind

    problems = []
    if region not in registry.units:
        some = ", ".join(list(registry.units)[:6])
        problems.append(
            Problem("unknown_choice", "--region", value=region, details={"refers_to": "units.csv", "some": some})
        )
    for name, value, known in (
        *(("--by", part, BY) for part in filter(None, by.split(","))),
        *([("--level", level, tuple(UnitKind))] if level else []),
        *([("--gwp", gwp, GWP_SETS)] if gwp else []),
    ):
        if value not in known:
            details = {"refers_to": name, "some": ", ".join(known)}
            problems.append(Problem("unknown_choice", name, value=value, details=details))
    if problems:
        raise DataError(problems)


def _days(month: str, first: str, last: str) -> tuple[int, int]:
    """Return first and last day."""
    from tanlu.core.errors import DataError, Problem
    from tanlu.monitor.fact_files import next_month
    from tanlu.monitor.schema import day_number

    try:
        if month:
            start = day_number(f"{month}-01")
            return start, next_month(start) - 1
        return day_number(first), day_number(last or first)
    except ValueError:
        wrong = month or f"{first} {last}".strip()
        fault = ("monitor_month", "--month") if month else ("not_a_day", "--from")
        raise DataError([Problem(*fault, value=wrong)]) from None


def _moment(text: str) -> int | None:
    """Return the moment of knowledge [µs]; a day means its end."""
    from tanlu.core.errors import DataError, Problem
    from tanlu.monitor.engines.base import start_of
    from tanlu.monitor.schema import day_number
    from tanlu.monitor.stamps import stamp_of

    if not text:
        return None
    if len(text) == len("2024-07-01"):
        try:
            return start_of(day_number(text) + 1) * 1_000_000
        except ValueError:
            raise DataError([Problem("not_a_day", "--known-at", value=text)]) from None
    stamp = stamp_of(text)
    if stamp is None:
        raise DataError([Problem("not_a_day", "--known-at", value=text)])
    return stamp * 1_000_000


def print_emissions(result: Emissions, language: str) -> None:
    """Print emissions by scope and gas, with their shares."""
    from tanlu.core.messages import translate
    from tanlu.monitor.factors import SCOPES
    from tanlu.monitor.schema import day_name

    first, last = day_name(result.first), day_name(result.last)
    print(translate("monitor.total.head", language, where=result.where, first=first, last=last, gwp=result.gwp))
    for scope in SCOPES:
        masses = result.kg(scope)
        if masses:
            gases = ", ".join(f"{gas} {kg / 1000:,.3f} t" for gas, kg in sorted(masses.items()))
            name = translate(f"monitor.scope.{scope}", language)
            co2e = f"{result.co2e(scope) / 1000:,.1f}"
            print(translate("monitor.total.scope", language, scope=name, gases=gases, co2e=co2e))
    shares = {name: f"{100 * share:.1f}" for name, share in result.shares.items()}
    print(translate("monitor.total.sum", language, co2e=f"{result.co2e() / 1000:,.1f}", **shares))
    if result.without:
        print(translate("monitor.total.without", language, carriers=", ".join(result.without)))
