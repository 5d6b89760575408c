"""`trainctl validate`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from trainctl.aliases import Value
from trainctl.cli import options
from trainctl.cli.boundary import diagnostics_of, show_diagnostics
from trainctl.cli.loading import load_experiment
from trainctl.cli.output import print_json
from trainctl.config.load import Loaded
from trainctl.diagnostics import Diagnostic
from trainctl.errors import TrainctlError, UsageError, exit_code_of
from trainctl.jobs.data_errors import SECONDS, located, look, look_briefly
from trainctl.runs.console import captured
from trainctl.runs.outputs import Outside, as_warnings, outside, refusals, unwritable
from trainctl.text import plural, printable

if TYPE_CHECKING:
    from trainctl.config.repair import Repair


def validate(
    configs: options.Configs,
    overrides: options.Overrides = None,
    imports: options.ImportNames = None,
    no_imports: options.NoImports = False,
    build: Annotated[bool, typer.Option("--build", help="Also load the data and build the model.")] = False,
    step: Annotated[bool, typer.Option("--step", help="Also run one training and one validation batch.")] = False,
    no_data: Annotated[
        bool, typer.Option("--no-data", help="Look at no data file and no file of a layer, such as where they are not.")
    ] = False,
    fix: Annotated[
        bool,
        typer.Option(
            "--fix",
            help="Repair in the files what can mean only one thing, such as a misspelled name, and show the change.",
        ),
    ] = False,
    allow_output: options.AllowOutput = None,
    runs_dir: options.RunsDir = options.DEFAULT_RUNS_DIR,
    format: options.OutputFormat = options.Format.auto,
    json: options.Json = False,
) -> None:
    """Check experiments and report every problem, without TensorFlow."""
    load: Callable[..., Loaded] = partial(
        load_experiment,
        overrides=overrides,
        names=imports,
        no_imports=no_imports,
        runs_dir=runs_dir,
        allowed_outputs=allow_output,
    )
    if no_data and (build or step):
        raise UsageError("--build and --step load the data", hint="leave out --no-data")
    depth = _Depth(build=build or step, step=step, data=not no_data, fix=fix)
    show = "quiet" if json else format.value
    results = [_check(config, load, show, depth) for config in configs]
    if json:
        print_json(results)
    raise typer.Exit(max(result["exit_code"] for result in results))


@dataclass(frozen=True, slots=True)
class _Depth:
    """How deep to check.

    Args:
        build: Whether to load the data and to build the model.
        step: Whether to run one batch.
        data: Whether to look at data files.
        fix: Whether to repair the files first.
    """

    build: bool
    step: bool
    data: bool
    fix: bool


def _check(config: str, load: Callable[..., Loaded], format: str, depth: _Depth) -> dict[str, Value]:
    """Check one file, report what was found unless quiet, and return it for JSON."""
    shows, exit_code = format not in {"jsonl", "quiet"}, 0
    found: list[Diagnostic] = []
    notes: list[str] = []
    places: list[Outside] = []
    unchecked: list[str] = []
    repair: Repair | None = None
    try:
        if depth.fix:
            from trainctl.jobs.repair import fix  # 20 ms; only --fix pays

            repair = fix(config, lambda source: load(config, source=source))
            if shows:
                _show(repair)
        loaded = load(config)
        found += loaded.warnings
        places = outside(loaded)
        found += as_warnings([*refusals(loaded, places), *unwritable(loaded)])
        notes += [f"writes outside the run directory: {printable(each.path)} ({each.setting})" for each in places]
        if depth.build:
            _build(loaded, found, show=shows, step=depth.step)
        elif depth.data:
            unchecked = look_briefly(loaded)
            notes += [f"not looked at, since that takes longer than {SECONDS:g} s: {each}" for each in unchecked]
    except TrainctlError as error:
        exit_code = exit_code_of(error)
        found += diagnostics_of(error)
    if found and format != "quiet":
        show_diagnostics(found, format)
    if shows and not exit_code:
        typer.echo("\n  ".join([f"{config}: ok", *notes]))
    return {
        "file": config,
        "exit_code": exit_code,
        "diagnostics": [{**each.as_dict(), "file": each.as_dict()["file"] or config} for each in found],
        "outputs": [asdict(place) for place in places],
        "unchecked": unchecked,
        **({} if repair is None else {"fixes": [each.as_dict() for each in repair.repaired], "diff": repair.diff}),
    }


def _show(repair: Repair) -> None:
    """Print what was changed in a file, and why nothing was where a repair would bring an error."""
    if repair.diff:
        typer.echo("\n".join(map(printable, repair.diff.splitlines())))
        typer.echo(f"{repair.before.name}: {plural(len(repair.repaired), 'mistake')} repaired")
    for each in repair.refused:
        typer.echo(f"{repair.before.name}: not repaired, since that would bring: {printable(each.message)}", err=True)


def _build(loaded: Loaded, found: list[Diagnostic], *, show: bool, step: bool) -> None:
    """Load the data, build the model and, if requested, run one batch; print what came of it.

    Args:
        loaded: The experiment.
        found: Gets what a run would show of the data, as warnings.
        show: Whether to print.
        step: Whether to run one batch.
    """
    with located(loaded), captured(None):
        look(loaded)
        from trainctl.jobs.check import check  # TensorFlow: seconds; only --build and --step pay

        built = check(loaded, found.append, step=step)
    if show:
        typer.echo(built)
