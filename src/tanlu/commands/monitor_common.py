"""What the commands of monitoring share: the workspace and its ledger."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from tanlu.monitor.ledger import Ledger

WorkspaceFolder = Annotated[
    Path, typer.Option("--workspace", metavar="DIR", help="工作区。Workspace.", file_okay=False)
]


def open_ledger(workspace: Path, *, read_only: bool = False, borrow: bool = True) -> Ledger:
    """Open the ledger of a workspace.

    Parameters
    ----------
    workspace : Path
    read_only : bool
    borrow : bool
        Whether to ask a process that receives readings to lend the ledger.

    Raises
    ------
    DataError
        If the folder is no workspace, has no ledger, or another process writes and does not lend it.
    """
    from tanlu.monitor.ledger import FOLDER, Ledger
    from tanlu.monitor.lending import WAIT_S
    from tanlu.workspace import Workspace

    return Ledger.open(Workspace.open(workspace).path / FOLDER, read_only=read_only, wait=WAIT_S if borrow else 0.0)


def open_or_create_ledger(workspace: Path, province: str) -> Ledger:
    """Open the ledger of a workspace for writing; make workspace and ledger where they are not there.

    Raises
    ------
    DataError
        If the folder holds other files or another province, or another process writes.
    """
    from tanlu.core.province import load_province, province_folder
    from tanlu.monitor.ledger import FOLDER, Ledger
    from tanlu.workspace import Workspace

    folder = workspace / FOLDER
    if (folder / "catalog.db").is_file():
        return open_ledger(workspace)
    loaded = load_province(province_folder(province))
    Workspace.create(workspace, loaded.id)
    return Ledger.create(folder, loaded.id, loaded.regions.values())
