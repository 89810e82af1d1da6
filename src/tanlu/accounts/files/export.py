"""Writing a computation to a folder that an auditor can recompute: tables, manifest with hashes, workbook, interchange."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from tanlu import __version__
from tanlu.accounts.files.export_tables import write_tables
from tanlu.accounts.files.guideline_workbook import guideline_workbook
from tanlu.accounts.files.primap2_interchange import write_primap2
from tanlu.accounts.files.result_folder import KIND, MANIFEST, check_out, staged
from tanlu.accounts.files.yearly_totals import by_category, totals_record, yearly_totals
from tanlu.accounts.rulebook.activity import Activity
from tanlu.accounts.rulebook.result import Results
from tanlu.core.errors import DataError, Problem
from tanlu.core.gases import GWP_SETS
from tanlu.core.library import load_library

WORKBOOK: Final = "inventory.xlsx"
INTERCHANGE: Final = "primap2"


def gwp_problem(results: Results, gwp: str) -> Problem | None:
    """Return what is wrong with showing results under a GWP set."""
    weights = results.gwp(gwp)
    missing = sorted({r.gas for r in results if r.gas != "CO2e" and r.gas not in weights.values})
    if not missing:
        return None
    gases = {r.gas for r in results} - {"CO2e"}
    serving = [name for name in GWP_SETS if gases <= results.gwp(name).values.keys()]
    details = {"gases": ", ".join(missing), "some": ", ".join(serving) or "–"}
    return Problem("gwp_without_gas", "--gwp", value=weights.id, details=details)


def counted_items(results: Results) -> dict[str, dict[str, float]]:
    """Return the masses of gas [t] by memo category that the rule adds to the total."""
    return by_category([r for r in results if r.is_memo and results.in_total(r)])


def memo_items(results: Results) -> dict[str, dict[str, float]]:
    """Return the masses of gas [t] outside the total, by memo category; they are not added to each other."""
    return by_category([r for r in results if not results.in_total(r)])


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def write_results(
    results: Results,
    activities: Sequence[Activity],
    out: Path,
    *,
    gwp: str = "rule",
    inputs: Sequence[Path] = (),
    workbook: bool = False,
    primap2: bool = False,
) -> dict[str, Any]:
    """Write a computation to a folder, as a whole or not at all, and return its manifest.

    Parameters
    ----------
    results : Results
    activities : sequence of Activity
        All rows that were given to `compute`, in their order.
    out : Path
        New, empty, or a folder of earlier results, which is replaced.
    gwp : str
        GWP set of totals, or ``rule``.
    inputs : sequence of Path
        Files that the rows came from; their hashes go into the manifest.
    workbook, primap2 : bool
        Whether to add the workbook in the guideline's layout, and the interchange files.

    Raises
    ------
    DataError
        If the folder is in use or cannot be written, or the GWP set has no value for a gas.
    """
    check_out(out.absolute())
    problem = gwp_problem(results, gwp)
    if problem is not None:
        raise DataError([problem])
    with staged(out) as folder:
        write_tables(folder, results, activities)
        if workbook:
            (folder / WORKBOOK).write_bytes(guideline_workbook(results, activities, gwp=gwp))
        if primap2:
            write_primap2(results, folder / INTERCHANGE, gwp=gwp)
        manifest = _manifest(results, folder, gwp, inputs)
        text = json.dumps(manifest, ensure_ascii=False, indent=1) + "\n"
        (folder / MANIFEST).write_text(text, encoding="utf-8", newline="\n")
    return manifest


def _manifest(results: Results, folder: Path, gwp: str, inputs: Sequence[Path]) -> dict[str, Any]:
    """Return the manifest; without a time, so that the same input gives the same bytes."""
    years = yearly_totals(results, gwp)
    return {
        "kind": KIND,
        "method_set": results.method_set.id,
        "gwp": results.gwp(gwp).id,
        "gwp_source": results.gwp(gwp).source,
        "package": f"tanlu {__version__}",
        "library": load_library().data_hash,
        **totals_record(years),
        "memo": memo_items(results),
        "years": [y.as_record() for y in years],
        "inputs": [{"file": path.name, "sha256": sha256(path)} for path in inputs],
        "files": {path.name: sha256(path) for path in sorted(folder.iterdir())},
    }
