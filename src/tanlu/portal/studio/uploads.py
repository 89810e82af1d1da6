"""A scenario file that a visitor sends: looked at before it is read, read with all errors at once, and never kept."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import yaml

from tanlu.core.errors import DataError, Problem
from tanlu.pathways import ScenarioFile
from tanlu.pathways.data import PathwayData
from tanlu.pathways.scenario_files import read_scenario
from tanlu.portal.uploads import FOREIGN, Sent, as_paths

KINDS: Final = (".yaml", ".yml")
MOST_BYTES: Final = 1_000_000
DEEPEST: Final = 4
"""Levels of a scenario file: the file, its schedules, a schedule, and one to spare."""


def scenario_sent(files: Sequence[Sent], data: PathwayData) -> ScenarioFile:
    """Return the scenario of the one file that was sent.

    Raises
    ------
    DataError
        With every problem: no file or several, no YAML, unknown keys, world, growth case or levers, values outside their ranges,
        schedules that cannot be.
    """
    if len(files) != 1:
        raise DataError([Problem("scenario_upload_one", "–", value=str(len(files)))])
    shown = re.sub(r"[^\w .()（）-]", "_", Path(files[0].name).name)[-60:].lstrip(".")
    content = files[0].content
    if Path(shown).suffix.lower() not in KINDS:
        raise DataError([Problem("scenario_upload_type", shown, value=shown)])
    if content.startswith(FOREIGN) or b"\x00" in content:
        raise DataError([Problem("upload_not_text", shown)])
    if not _plain(content):
        raise DataError([Problem("scenario_upload_plain", shown)])
    with as_paths([Sent(shown, content)]) as (path,):
        return read_scenario(path, data)


def _plain(content: bytes) -> bool:
    """Return whether a text has no references and is not deep: such a file is small, but may be endless when it is unfolded."""
    depth = 0
    try:
        for event in yaml.parse(content, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > DEEPEST or isinstance(event, yaml.AliasEvent):
                return False
    except yaml.YAMLError:
        # told with its line by the reader
        return True
    return True
