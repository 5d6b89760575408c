"""The Typer application: the commands, each within the boundary."""

from __future__ import annotations

from typing import Annotated

import typer

from trainctl.cli import describe, doctor, evaluate, explain, predict, resume, run, runs, schema, trust, validate
from trainctl.cli.boundary import bounded
from trainctl.version import __version__


def _print_version(value: bool) -> None:
    if value:
        typer.echo(f"trainctl {__version__}")
        raise typer.Exit


app = typer.Typer(
    help="Train Keras models from a YAML file: checked before the first step, recorded to the last.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode=None,
)


@app.callback()
def _options(
    version: Annotated[  # its callback does the work
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Options before the command."""


app.command("run")(bounded(run.run))
app.command("resume")(bounded(resume.resume))
app.command("validate")(bounded(validate.validate))
app.command("explain")(bounded(explain.explain))
app.command("list")(bounded(describe.list_components))
app.command("describe")(bounded(describe.describe_component))
app.command("schema")(bounded(schema.schema))
app.command("evaluate")(bounded(evaluate.evaluate))
app.command("predict")(bounded(predict.predict))
app.add_typer(runs.app, name="runs")
app.command("trust")(bounded(trust.trust))
app.command("doctor")(bounded(doctor.doctor))
