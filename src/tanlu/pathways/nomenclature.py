"""The code lists of an IAMC table: which variables with which units, which regions, as the package *nomenclature* of IIASA reads them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import yaml


def definitions(rows: Sequence[Sequence[str]]) -> dict[str, list[object]]:
    """Return the code lists by file below the folder ``definitions``.

    Parameters
    ----------
    rows : sequence of sequence of str
        IAMC wide table with its header first.

    Returns
    -------
    dict
        ``variable/variables.yaml``: one mapping of variable to its unit each; ``region/regions.yaml``: regions below the part of their
        name before ``|``.
    """
    head, *body = rows
    region, variable, unit = (head.index(name) for name in ("Region", "Variable", "Unit"))
    units = {row[variable]: row[unit] for row in body}
    groups: dict[str, list[str]] = {}
    for name in dict.fromkeys(row[region] for row in body):
        groups.setdefault(name.partition("|")[0], []).append(name)
    return {
        "variable/variables.yaml": [{name: {"unit": units[name]}} for name in units],
        "region/regions.yaml": [{group: names} for group, names in groups.items()],
    }


def write_definitions(folder: Path, rows: Sequence[Sequence[str]]) -> None:
    """Write the code lists of an IAMC table into a folder."""
    for name, content in definitions(rows).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        text = yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=120)
        path.write_text(text, encoding="utf-8", newline="\n")
