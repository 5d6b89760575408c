"""`trainctl explain`."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence, Set
from pathlib import Path
from typing import Annotated

import typer

from trainctl.aliases import Value
from trainctl.cli import options
from trainctl.cli.boundary import bounded
from trainctl.cli.loading import load_experiment
from trainctl.cli.output import print_json, table
from trainctl.cli.pictures import drawn, picture_optional, require_picture
from trainctl.config.automatic import explain_automatic
from trainctl.config.difference import Difference, differences
from trainctl.config.explain import CallOrder, Line, Origin, call_orders
from trainctl.config.explain import explain as explained
from trainctl.config.load import Loaded
from trainctl.config.model.node_table import node_lines
from trainctl.config.model.own_code import loading_words, own_code
from trainctl.config.render import in_braces
from trainctl.errors import UsageError
from trainctl.jobs.data_errors import located, look
from trainctl.runs.console import captured
from trainctl.runs.layout import MODEL
from trainctl.runs.store import find_run
from trainctl.text import literal
from trainctl.ui.graph_plot import Box, write_graph_plot

PICTURE = "model.png"
"""The picture that `--plot` writes where it names none."""


def explain(
    config: options.Config,
    path: Annotated[
        str, typer.Argument(metavar="[PATH]", help="The path of a value, e.g. callbacks.EarlyStopping.patience.")
    ] = "",
    overrides: options.Overrides = None,
    imports: options.ImportNames = None,
    no_imports: options.NoImports = False,
    build: Annotated[
        bool, typer.Option("--build", help="Of the model: also load the data and build it, for shapes and parameters.")
    ] = False,
    plot: Annotated[
        Path | None,
        typer.Option(
            "--plot",
            metavar="[FILE]",
            show_default=False,
            help=f"Of the model: also draw its graph (default: {PICTURE}).",
        ),
    ] = None,
    diff: Annotated[
        str | None,
        typer.Option(
            "--diff",
            metavar="CONFIG|RUN",
            show_default=False,
            help="Show only what differs from another experiment or run, to this one: --diff A B. --set applies to files.",
        ),
    ] = None,
    runs_dir: options.RunsDir = options.DEFAULT_RUNS_DIR,
    format: options.OutputFormat = options.Format.auto,  # noqa: ARG001  # the boundary reads it
    json: options.Json = False,
) -> None:
    """Show the resolved experiment and where each value comes from; of `model`, also its nodes."""
    if (build or plot is not None) and path != "model":
        raise UsageError("--build and --plot are for the model", hint=f"trainctl explain {config} model --build")
    require_picture(plot)
    if diff is not None:
        if path:
            raise UsageError("--diff compares whole experiments", hint=f"trainctl explain --diff {diff} {config}")
        before, after = (
            _load_side(each, overrides, imports, runs_dir, no_imports=no_imports) for each in (diff, config)
        )
        _print_differences(differences(before, after), as_json=json)
        return
    loaded = load_experiment(config, overrides, imports, no_imports=no_imports)
    value, origins, lines = explained(loaded, path)
    nodes = _nodes(loaded, build=build) if path == "model" else []
    code = own_code(loaded.experiment) if path == "model" else {}
    if plot is not None:
        with drawn(plot):
            known = {(*each["within"], each["name"]) for each in nodes}
            write_graph_plot([_box(each, known) for each in nodes if each["component"]], plot, loaded.name)
    if json:
        history = [dataclasses.asdict(origin) for origin in origins]
        print_json(
            {
                "path": path,
                "value": value,
                "origins": history,
                **({"nodes": nodes, "custom_objects": code} if path == "model" else {}),
            }
        )
    elif build or plot is not None:
        _print_nodes(nodes)
    elif len(lines) == 1 and path:
        _print_history(path, lines[0], origins)
        automatic = explain_automatic(loaded.experiment, path)
        if automatic:
            typer.echo(f"  comes to: {automatic}")
    else:
        _print_lines(lines)
    for order in call_orders(loaded, path) if not json else ():
        _print_call_order(order)
    if path == "model" and not json and not build and plot is None:
        typer.echo("\nNodes, with the names that were given automatically:\n")
        _print_nodes(nodes)
    if path == "model" and not json and code:
        typer.echo(f"\n{loading_words(MODEL, code)}")
    _tell_picture(None if json else plot)


def _tell_picture(plot: Path | None) -> None:
    if plot is not None:
        typer.echo(f"\npicture {plot}")


def _load_side(
    name: str, overrides: Sequence[str] | None, imports: Sequence[str] | None, runs_dir: Path, *, no_imports: bool
) -> Loaded:
    """Return an experiment to compare: of a file, or as a run recorded it, to which `--set` does not apply."""
    if Path(name).is_file() or name.endswith((".yaml", ".yml")):
        return load_experiment(name, overrides, imports, no_imports=no_imports)
    return load_experiment(str(find_run(runs_dir, name).directory.resolved), (), imports, no_imports=no_imports)


def _print_differences(found: Sequence[Difference], *, as_json: bool) -> None:
    if as_json:
        print_json({"differences": [dataclasses.asdict(each) for each in found]})
    elif not found:
        typer.echo("no setting differs")
    else:
        for each in found:
            typer.echo(each.path)
            typer.echo(f"  - {_side(each.before)}")
            typer.echo(f"  + {_side(each.after)}")


def _side(origin: Origin | None) -> str:
    return "not set" if origin is None else f"{in_braces(origin.value)}  # {origin}"


def _nodes(loaded: Loaded, *, build: bool) -> list[dict[str, Value]]:
    """Return what is known of each node of the model; built, also its shape and parameters, and a line for all."""
    found = [dataclasses.asdict(each) for each in node_lines(loaded.experiment.model)]
    if not build:
        return found
    with located(loaded), captured(None):
        look(loaded)
        from trainctl.jobs.model_nodes import built_nodes  # TensorFlow: seconds; only --build pays

        known, whole = built_nodes(loaded)
    for each in found:
        built = known.get((*each["within"], each["name"]))
        each.update(dataclasses.asdict(built) if built is not None else {})
        each.update({"parameters": 0, "trainable": 0} if each["shares"] is not None else {})
    return [*found, {"name": "total", "within": (), "component": "", "takes": (), **dataclasses.asdict(whole)}]


def _print_nodes(nodes: Sequence[Mapping[str, Value]]) -> None:
    """Print a table of nodes; those of a model within the model are indented."""
    is_built = any("parameters" in each for each in nodes)
    rows = [
        (
            "│ " * len(each["within"]) + each["name"],
            f"{each['shares']} again" if each.get("shares") else each["component"],
            ", ".join(each["takes"]),
            *((_shape(each.get("shape")), f"{each.get('parameters', 0):,}") if is_built else ()),
        )
        for each in nodes
    ]
    table(("node", "component", "from", *(("shape", "parameters") if is_built else ())), rows)


def _shape(shape: Value) -> str:
    if not isinstance(shape, list):
        return ""
    if shape and isinstance(shape[0], list):
        return ", ".join(map(_shape, shape))
    return "×".join("?" if size is None else str(size) for size in shape) or "1"


def _box(node: Mapping[str, Value], known: Set[tuple[str, ...]]) -> Box:
    within = tuple(node["within"])
    is_inner_input = node["component"] == "Input" and bool(within)
    takes = (within,) if is_inner_input else tuple(_node_of(within, name, known) for name in node["takes"])
    title = f"{node['shares']} again" if node.get("shares") else node["component"]
    note = " ".join(filter(None, (node["name"], _shape(node.get("shape")))))
    return Box((*within, node["name"]), title, note, takes, is_shared=node.get("shares") is not None)


def _node_of(within: tuple[str, ...], name: str, known: Set[tuple[str, ...]]) -> tuple[str, ...]:
    """Return the node that a reference such as `encoder.1` is an output of; names have dots too."""
    while (*within, name) not in known and "." in name:
        name = name.rpartition(".")[0]
    return (*within, name)


def _print_history(path: str, line: Line, origins: tuple[Origin, ...]) -> None:
    typer.echo(f"{path}: {line.text.strip()}")
    for number, origin in enumerate(origins):
        verb = "from" if number == 0 else f"overrides {literal(origin.value)} from"
        typer.echo(f"  {verb} {origin}")


def _print_call_order(order: CallOrder) -> None:
    rows = [(str(n), each.name, " ".join(each.hooks), each.watches) for n, each in enumerate(order.callbacks, start=1)]
    typer.echo(f"\nCalled in this order{f' in stage {order.stage}' if order.stage else ''}:\n")
    table(("", "callback", "hooks", "watches"), rows)


def _print_lines(lines: list[Line]) -> None:
    width = min(56, max(len(line.text) for line in lines) + 2)
    for line in lines:
        if not line.origins:
            typer.echo(line.text)
            continue
        replaced = "".join(f"; overrides {literal(origin.value)} from {origin.place}" for origin in line.origins[1:])
        typer.echo(f"{line.text.ljust(width - 2)}  # {line.origins[0]}{replaced}")


app = typer.Typer(add_completion=False, rich_markup_mode=None)
app.command("explain", cls=picture_optional(PICTURE))(bounded(explain))
