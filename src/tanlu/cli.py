"""The command `tanlu`.

Only typer and the command modules are imported here; rooms are imported where a command needs them, so that help is instant.
"""

from __future__ import annotations

import os
import sys

import typer

from tanlu import __version__
from tanlu.commands import (
    account,
    account_compute,
    account_ets,
    account_library,
    account_uncertainty,
    assessment,
    assessment_files,
    data,
    energy,
    main_job,
    monitor,
    monitor_alerts,
    monitor_cases,
    monitor_conformance,
    monitor_energy,
    monitor_ingest,
    monitor_ledger,
    monitor_listen,
    monitor_nowcast,
    monitor_quality,
    monitor_register,
    monitor_rollup,
    monitor_simulate,
    monitor_total,
    pathway,
    pathway_compare,
    pathway_decompose,
    pathway_effects,
    pathway_hindcast,
    pathway_macc,
    pathway_optimise,
    pathway_portfolio,
    pathway_robust,
    pathway_sensitivity,
    pathway_simulate,
    pathway_wedges,
    plan,
    programme,
    records,
    report,
    results,
    webhook,
)

app = typer.Typer(
    name="tanlu",
    help="碳路：省级碳达峰碳中和科技支撑平台。Plan, measure and steer a province's road to carbon peaking and neutrality.",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"tanlu {__version__}")
        raise typer.Exit()


@app.callback()
def _root(
    version: bool = typer.Option(False, "--version", callback=_print_version, is_eager=True, help="版本。Version."),
) -> None:
    """Take the options that stand before a sub-command."""


app.command("run")(main_job.run)
app.command("serve")(main_job.serve)
app.command("explain")(results.explain)
app.command("doctor")(results.doctor)
app.add_typer(report.app, name="report")
app.add_typer(data.app, name="data")
app.add_typer(plan.app, name="plan")
account_compute.register(account.app)
account_library.register(account.app)
account_uncertainty.register(account.app)
account_ets.register(account.app)
app.add_typer(account.app, name="account")
pathway_simulate.register(pathway.app)
pathway_compare.register(pathway.app)
pathway_effects.register(pathway.app)
pathway_decompose.register(pathway.app)
pathway_wedges.register(pathway.app)
pathway_sensitivity.register(pathway.app)
pathway_hindcast.register(pathway.app)
pathway_macc.register(pathway.app)
pathway_portfolio.register(pathway.app)
pathway_robust.register(pathway.app)
pathway_optimise.register(pathway.app)
app.add_typer(pathway.app, name="pathway")
app.add_typer(energy.app, name="energy")
app.add_typer(records.app, name="records")
app.add_typer(programme.app, name="programme")
assessment_files.register(assessment.app)
app.add_typer(assessment.app, name="assessment")
monitor_ingest.register(monitor.app)
monitor_ledger.register(monitor.app)
monitor_listen.register(monitor.app)
monitor_register.register(monitor.app)
monitor_simulate.register(monitor.app)
monitor_quality.register(monitor.app)
monitor_cases.register(monitor.app)
monitor_nowcast.register(monitor.app)
monitor_alerts.register(monitor.app)
monitor_energy.register(monitor.app)
monitor_rollup.register(monitor.app)
monitor_total.register(monitor.app)
monitor_conformance.register(monitor.app)
app.add_typer(monitor.app, name="monitor")
app.add_typer(webhook.app, name="webhook")


def _leave_out(called: str) -> None:
    """Drop the commands of all groups but the called one: making a hundred commands to show one help takes longer than the help."""
    for group in app.registered_groups:
        if group.name != called and group.typer_instance is not None:
            group.typer_instance.registered_commands.clear()
            group.typer_instance.registered_groups.clear()


def main() -> None:
    """Run the command."""
    if "_TANLU_COMPLETE" not in os.environ:
        _leave_out(next((word for word in sys.argv[1:] if not word.startswith("-")), ""))
    app()
