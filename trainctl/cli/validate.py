"""`trainctl validate`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from typing import Annotated

import typer

from trainctl.aliases import Value
from trainctl.cli import options
from trainctl.cli.boundary import diagnostics_of, show_diagnostics, show_error
from trainctl.cli.loading import load_experiment
from trainctl.cli.output import print_json
from trainctl.config.load import Loaded
from trainctl.diagnostics import Diagnostic
from trainctl.errors import TrainctlError, exit_code_of
from trainctl.jobs.data_errors import located, look, look_at_files_of_layers
from trainctl.runs.console import captured
from trainctl.runs.outputs import as_warnings, outside, refusals
from trainctl.text import printable


def validate(
    configs: options.Configs,
    overrides: options.Overrides = None,
    imports: options.ImportNames = None,
    no_imports: options.NoImports = False,
    build: Annotated[bool, typer.Option("--build", help="Also load the data and build the model.")] = False,
    step: Annotated[bool, typer.Option("--step", help="Also run one training and one validation batch.")] = False,
    allow_output: options.AllowOutput = None,
    runs_dir: options.RunsDir = options.DEFAULT_RUNS_DIR,
    format: options.OutputFormat = options.Format.auto,
    json: options.Json = False,
) -> None:
    """Check experiments and report every problem, without TensorFlow."""
    load = partial(
        load_experiment,
        overrides=overrides,
        names=imports,
        no_imports=no_imports,
        runs_dir=runs_dir,
        allowed_outputs=allow_output,
    )
    results = [_check(config, load, format.value, build=build, step=step, quiet=json) for config in configs]
    if json:
        print_json(results)
    raise typer.Exit(max(result["exit_code"] for result in results))


def _check(
    config: str,
    load: Callable[[str], Loaded],
    format: str,
    *,
    build: bool,
    step: bool,
    quiet: bool,
) -> dict[str, Value]:
    """Check one file; report as it is found, or keep silent where the result is printed as JSON."""
    result: dict[str, Value] = {"file": config, "exit_code": 0, "diagnostics": [], "outputs": []}
    try:
        loaded = load(config)
        places = outside(loaded)
        warnings = [*loaded.warnings, *as_warnings(refusals(loaded, places))]
        result["diagnostics"] = [warning.as_dict() for warning in warnings]
        result["outputs"] = [asdict(place) for place in places]
        if warnings and not quiet and format != "quiet":
            show_diagnostics(warnings, format)
        look_at_files_of_layers(loaded)
        if build or step:
            notices: list[Diagnostic] = []
            try:
                _build(loaded, notices, show=not quiet and format not in {"jsonl", "quiet"}, step=step)
            finally:
                result["diagnostics"] += [notice.as_dict() for notice in notices]
                if notices and not quiet and format != "quiet":
                    show_diagnostics(notices, format)
    except TrainctlError as error:
        result["exit_code"] = exit_code_of(error)
        problems = [each.as_dict() for each in diagnostics_of(error)]
        result["diagnostics"] += [{**problem, "file": problem["file"] or config} for problem in problems]
        if not quiet:
            show_error(error, format)
        return result
    if not quiet and format not in {"jsonl", "quiet"}:
        typer.echo(f"{config}: ok")
        for place in places:
            typer.echo(f"  writes outside the run directory: {printable(place.path)} ({place.setting})")
    return result


def _build(loaded: Loaded, notices: list[Diagnostic], *, show: bool, step: bool) -> None:
    """Load the data, build the model and, if requested, run one batch; print what came of it.

    Args:
        loaded: The experiment.
        notices: Gets what a run would show of the data, as warnings.
        show: Whether to print.
        step: Whether to run one batch.
    """
    with located(loaded), captured(None):
        look(loaded)
        from trainctl.jobs.check import check  # TensorFlow: seconds; only --build and --step pay

        built = check(loaded, notices.append, step=step)
    if show:
        typer.echo(built)
