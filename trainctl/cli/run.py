"""`trainctl run`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from typer.core import TyperOption

from trainctl.cli import options
from trainctl.cli.boundary import show_diagnostics, show_failure
from trainctl.cli.expect import as_overrides
from trainctl.cli.loading import load_experiment
from trainctl.cli.training import finish, seconds_of, watching
from trainctl.config.load import Loaded
from trainctl.errors import TrainctlError, UsageError, exit_code_of
from trainctl.jobs import run as job
from trainctl.jobs.session import keras_at_work
from trainctl.runs import processes
from trainctl.runs.console import captured
from trainctl.runs.signals import time_limit
from trainctl.text import printable

_STOPPED = (130, 143)
"""Exit codes of a run that a signal ended."""


def run(
    context: typer.Context,
    configs: options.Configs,
    overrides: options.Overrides = None,
    expect: options.Expect = None,
    imports: options.ImportNames = None,
    no_imports: options.NoImports = False,
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", help="Stop after one training and one validation batch; leave nothing behind."),
    ] = False,
    baseline: Annotated[
        bool, typer.Option("--baseline", help="Also train gradient boosting on a table, for comparison: a few seconds.")
    ] = False,
    allow_output: options.AllowOutput = None,
    runs_dir: options.RunsDir = options.DEFAULT_RUNS_DIR,
    run_dir: Annotated[
        Path | None,
        typer.Option(
            "--run-dir", metavar="FOLDER", show_default=False, help="The run directory to make, which must not exist."
        ),
    ] = None,
    plot_format: options.PlotFormat = None,
    max_time: options.MaxTime = None,
    max_time_exit: options.MaxTimeExit = 0,
    format: options.OutputFormat = options.Format.auto,
    json: options.Json = False,
) -> None:
    """Train experiments, one after the other, and record each run."""
    overrides = [*(overrides or ()), *as_overrides(expect or ())]
    load = partial(
        load_experiment,
        overrides=overrides,
        names=imports,
        no_imports=no_imports,
        runs_dir=runs_dir,
        allowed_outputs=allow_output,
    )
    seconds = seconds_of(max_time)
    if run_dir is not None and (dry_run or len(configs) > 1):
        raise UsageError("--run-dir needs one CONFIG, and no --dry-run")
    if len(configs) == 1:
        loaded = load(configs[0])
    else:
        experiments = [_load(load, config, format, json=json) for config in configs]
        codes = [each for each in experiments if isinstance(each, int)]
        if codes:  # before any of them trains, while the person is still there
            raise typer.Exit(max(codes))
        again = [*_options_given(context)]
        chosen = _one_by_one([each for each in experiments if isinstance(each, Loaded)], configs, again)
        if isinstance(chosen, int):
            raise typer.Exit(chosen)
        loaded = chosen
    if loaded.warnings and format is not options.Format.quiet:  # what is allowed but looks like a mistake
        show_diagnostics(loaded.warnings, format.value)
    if plot_format is not None:
        loaded = replace(loaded, plot_format=plot_format.value)
    with watching(format) as watch, time_limit(seconds, max_time_exit):
        ended = job.run(loaded, runs_dir, watch, dry_run=dry_run, directory=run_dir, boosting=baseline)
    finish(ended, format, json=json)


def _load(load: partial[Loaded], config: str, format: options.Format, *, json: bool) -> Loaded | int:
    """Return the experiment; where it is not valid, report that and return the exit code."""
    try:
        return load(config)
    except TrainctlError as error:
        show_failure(error, format.value, json=json)
        return exit_code_of(error)


def _one_by_one(experiments: Sequence[Loaded], configs: Sequence[str], again: Sequence[str]) -> Loaded | int:
    """Return, in a process for each experiment, that experiment; in this one, in the end, the highest exit code.

    TensorFlow is imported once, for all of them; with a user's modules, which may use it while they are imported, each
    process imports it anew.

    Args:
        experiments: All of them.
        configs: Their files, as given.
        again: The options with which to run one of them alone.
    """
    is_shared = not any(each.imports for each in experiments)
    if is_shared:
        with captured(None):
            keras_at_work()
    codes = []
    for number, (config, loaded) in enumerate(zip(configs, experiments, strict=True), start=1):
        ended = processes.fork() if is_shared else processes.start(["run", *again, "--", config])
        if ended is None:
            return loaded
        codes.append(ended.exit_code)
        left = configs[number:]
        if left and (ended.asked or ended.exit_code in _STOPPED):
            reason = f" (stopped by {ended.asked.by})" if ended.asked else ""
            typer.echo(f"not run: {', '.join(map(printable, left))}{reason}", err=True)
            return max(*codes, ended.asked.exit_code if ended.asked else 0)
    return max(codes)


def _options_given(context: typer.Context) -> Iterator[str]:
    """Yield the options of the command line, each as one word."""
    for option in context.command.params:
        source = context.get_parameter_source(str(option.name))
        if isinstance(option, TyperOption) and source is not None and source.name == "COMMANDLINE":
            value = context.params[str(option.name)]
            values = value if option.multiple else [value]
            yield from [option.opts[0]] if option.is_flag else [f"{option.opts[0]}={each}" for each in values]
