"""The workflows and rights of this room, read once."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Final

from tanlu.records import Workflow, load_rights, load_workflow

FOLDER: Final = Path(str(files("tanlu.assessment.filing")))
PERMISSIONS: Final = FOLDER / "permissions.yaml"


@cache
def workflow(name: str) -> Workflow:
    """Return a workflow: ``filing``, ``investment`` or ``score-run``."""
    return load_workflow(FOLDER / "data" / "workflows" / f"{name}.yaml", load_rights([PERMISSIONS]))
