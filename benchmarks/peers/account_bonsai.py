"""Enteric fermentation (tier 1) and landfill decay with bonsai_ipcc, in a program of its own, so that import and memory are its own.

    cd benchmarks; ../.venv/peers/bonsai_ipcc/bin/python -m peers.account_bonsai

Version 0.3.2 looks up concordances with ``series[position]``, which pandas 3 takes for a label; its environment has pandas 2.

Prints what it measured as JSON. The landfill gets the same mass every year, as version 0.3.2 reads the disposal of the last year
for all years.
"""

from __future__ import annotations

import json
import logging
import time
import warnings
from typing import Any

from sections import best, peak_memory, versions

HEADS = 1000.0
WASTE = 100.0
"""Waste put into the landfill each year [Gg]."""
FIRST, LAST = 1989, 2019


def measure() -> dict[str, Any]:
    """Return import time, memory, parameters, results and CPU seconds a call."""
    start = time.process_time()
    import bonsai_ipcc

    model = bonsai_ipcc.IPCC()
    loading = time.process_time() - start
    warnings.simplefilter("ignore")
    logging.disable(logging.INFO)
    livestock, landfill = model.agriculture.livestock_manure, model.waste.swd
    key = (LAST, "CN", "cattle-dairy")
    livestock.parameter.n.loc[(*key, "def"), :] = [HEADS, "piece"]
    landfill.parameter.sw_per_tech_swd.loc[(LAST, "CN", "msw_food", "managed", "def"), :] = [WASTE, "Gg/year"]

    def enteric() -> Any:
        return livestock.sequence.tier1_ch4_enteric(year=LAST, region="CN", species_type="cattle-dairy")

    def decay() -> Any:
        return landfill.sequence.tier3_ch4(
            year=LAST, region="CN", wastetype="msw_food", past_years=LAST - FIRST, landfilltype="managed"
        )

    animals, waste = enteric(), decay()
    names = ("doc", "doc_f", "mcf", "f", "ox", "k")
    return {
        "loading": loading,
        "megabytes": peak_memory(),
        "versions": versions("bonsai_ipcc", "pandas"),
        "enteric": {"factor": float(animals.ef.value), "ch4": 1000 * float(animals.ch4.value)},
        "landfill": {n: float(getattr(waste, n).value) for n in names} | {"ch4": 1000 * float(waste.ch4.value)},
        "seconds": {"enteric": best(enteric, 10), "landfill": best(decay, 10)},
    }


if __name__ == "__main__":
    print(json.dumps(measure()))
