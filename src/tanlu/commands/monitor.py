"""``tanlu monitor``: readings of meters and stacks, from the instrument to the province."""

from __future__ import annotations

import typer

app = typer.Typer(
    help="监测：读数入账、逐时事实、排放、质量。Monitoring: readings, hourly facts, emissions, quality.",
    no_args_is_help=True,
)
