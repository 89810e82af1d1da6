"""``tanlu monitor register``: units and meters from CSV files or a workbook."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tanlu.commands.common import (
    AsJson,
    Language,
    ProvinceName,
    check_language,
    default_language,
    default_province,
    default_workspace,
    fail,
)
from tanlu.commands.energy_common import cannot_write, print_json
from tanlu.commands.monitor_common import WorkspaceFolder, open_or_create_ledger

if TYPE_CHECKING:
    from tanlu.monitor.registry import Registry
    from tanlu.monitor.registry_tables import RegistryFile


def register(app: typer.Typer) -> None:
    """Add the command to the commands of monitoring."""
    app.command("register")(register_files)


def register_files(
    files: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[FILE]…", help="units、meters 的 CSV 或 Excel。CSV files or a workbook."),
    ] = None,
    workspace: WorkspaceFolder = default_workspace(),
    template: Annotated[
        Path | None, typer.Option("--template", help="只写空表（.xlsx 或文件夹）。Write empty tables and stop.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只检查。Check only.")] = False,
    province: ProvinceName = default_province(),
    as_json: AsJson = False,
    language: Language = default_language(),
) -> None:
    """登记单位和表计：全部登记，或列出全部错误而不改变。Register units and meters: all of them, or all that is wrong.

    例 Example: tanlu monitor register units.csv meters.csv --workspace tanlu-hunan
    """
    from tanlu.core.errors import DataError

    check_language(language)
    try:
        if template is not None:
            _write_template(template, language, as_json)
            return
        begun = _begun(workspace, province)
        if begun is not None:
            # nothing is made for files that cannot be registered, or to look at them only
            checked = _read(files or [], begun)
            if dry_run:
                _told(checked, begun, begun, True, language, as_json)
                return
        with open_or_create_ledger(workspace, province) as ledger:
            before = ledger.registry
            found = _read(files or [], before)
            after = before if dry_run else ledger.register(found.units, found.meters)
            _told(found, before, after, dry_run, language, as_json)
    except DataError as error:
        fail(error, language, as_json)


def _write_template(path: Path, language: str, as_json: bool) -> None:
    from tanlu.core.messages import translate
    from tanlu.monitor.registry_template import write_template

    try:
        written = [str(p) for p in write_template(path)]
    except OSError as error:
        raise cannot_write(path, error) from None
    if as_json:
        print_json({"files": written})
    else:
        print(translate("monitor.register.template", language, files=", ".join(written)))


def _begun(workspace: Path, province: str) -> Registry | None:
    """Return the registry that a ledger begins with, the regions of the province, where there is no ledger yet."""
    from tanlu.core.province import load_province, province_folder
    from tanlu.monitor.ledger import FOLDER
    from tanlu.monitor.registering import region_units
    from tanlu.monitor.registry import Registry

    if (workspace / FOLDER / "catalog.db").is_file():
        return None
    return Registry(region_units(load_province(province_folder(province)).regions.values()), ())


def _read(files: list[Path], known: Registry) -> RegistryFile:
    from tanlu.monitor.registry_tables import read_registry

    return read_registry(files, known, (datetime.now(UTC) + timedelta(hours=8)).date())


def _told(found: RegistryFile, before: Registry, after: Registry, dry_run: bool, language: str, as_json: bool) -> None:
    from tanlu.core.messages import translate

    told = _counts(found, before) | {"dry_run": dry_run, "units": len(after.units), "meters": len(after.meters)}
    notices = [n.text(language) for n in found.notices]
    if as_json:
        print_json({**told, "notices": notices})
        return
    for line in notices:
        print(line)
    print(translate("monitor.register.dry_run" if dry_run else "monitor.register.done", language, **told))


def _counts(found: RegistryFile, known: Registry) -> dict[str, Any]:
    """Return how many units and meters are new, changed, and as they were."""
    from tanlu.monitor.registering import changed

    units, meters = changed(found.units, known.units), changed(found.meters, known.meters)
    new = sum(u.id not in known.units for u in units) + sum(m.id not in known.meters for m in meters)
    touched = len(units) + len(meters)
    return {"added": new, "changed": touched - new, "same": len(found.units) + len(found.meters) - touched}
