"""The sections of a report that tell of one run: what it came to, its curves, data, configuration, model and costs."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from xml.etree.ElementTree import Element

from trainctl.aliases import Value
from trainctl.text import format_duration, format_number, plural
from trainctl.ui.facts import format_beside, format_cell, format_shape
from trainctl.ui.metrics import PARTS, Panel, base_name, base_names, best, list_panels
from trainctl.ui.page.charts import COLORS, Chart, Curve, Mark, bars, draw
from trainctl.ui.page.elements import Content, fields, folded, lines, note, table, tag
from trainctl.ui.page.facts import Column, Details, Label, RunFacts

_ROWS = 100  # epochs of a table of values
_POINTS = 24_000  # of all curves together
_CURVES = 40  # in one chart
_CLASSES = 50
_PARTS_IN_WORDS = {"train": "training", "val": "validation", "test": "test"}


def summary(run: RunFacts) -> Iterator[Element]:
    """What the run came to, beside the baseline."""
    record = run.record
    error = record.get("error") or {}
    if error.get("message"):
        yield tag("div", *lines(str(error["message"])), *lines(str(error.get("hint") or "")), class_="bad")
    yield from _stand_in(record)
    for text in run.notices:
        yield note(text, "warning")
    yield fields(_facts(run))
    yield from lines(run.note)
    if run.metrics:
        yield _metrics(run)
        yield from _judged(run)
    else:
        yield note("no metric was recorded")
    expectations = [each for each in record.get("expectations") or () if isinstance(each, dict)]
    if expectations:
        rows = [
            (
                str(each["metric"]),
                f"{each['op']} {_plain(each['bound'])}",
                format_cell(each["value"]),
                "met" if each["met"] else "not met",
            )
            for each in expectations
        ]
        yield table("Expectations", ("metric", "expected", "value", "result"), rows, words=(1, 3))
    if run.children:
        yield _children(run)


def _stand_in(record: Mapping[str, Value]) -> Iterator[Element]:
    data = record.get("data") or {}
    if data.get("stand_in_for"):
        yield note(
            f"trained on {data.get('source')}, because {data['stand_in_for']} could not be downloaded", "warning"
        )


def _facts(run: RunFacts) -> Iterator[tuple[str, Content]]:
    record = run.record
    yield "status", run.status
    for label, key in (("started", "started"), ("ended", "ended"), ("experiment file", "config")):
        if record.get(key):
            yield label, str(record[key])
    if record.get("seconds") is not None:
        yield "duration", format_duration(record["seconds"])
    epochs, kept = record.get("epochs_run"), record.get("kept_epoch")
    if epochs is not None:
        yield "epochs", plural(epochs, "epoch") + (f", weights of epoch {kept} kept" if kept is not None else "")
    if record.get("parameters") is not None:
        yield "parameters", f"{record['parameters']:,}"
    for label, key in (("seed", "seed"), ("device", "device")):
        if record.get(key) is not None:
            yield label, str(record[key])
    if run.tags:
        yield "tags", " ".join(run.tags)
    forked = record.get("forked_from") or {}
    if forked:
        yield "forked from", f"{forked.get('run_id')}, {forked.get('place')}"
    sessions = record.get("sessions") or ()
    if len(sessions) > 1:
        yield "resumed", "; ".join(f"{each['started']} {each.get('resumed') or ''}" for each in sessions[1:])
    yield "run directory", run.directory


def _metrics(run: RunFacts) -> Element:
    """Return the metrics with the baseline and the best epoch: a row for `loss` and `val_loss`."""
    names = base_names(run.metrics)
    parts = [part for part, prefix in PARTS.items() if any(prefix + name in run.metrics for name in names)]
    rows = []
    for name in names:
        cells = [_value(run, PARTS[part] + name) for part in parts]
        rows.append([name, *cells, _baseline(run, name), _best(run, name)])
    heads = ["metric", *(_PARTS_IN_WORDS[part] for part in parts), "baseline", "best epoch"]
    caption = (
        "Metrics of the weights that were kept" if not run.children else f"Means of the {run.kind}, with deviations"
    )
    return table(caption, heads, rows, words=(len(heads) - 2, len(heads) - 1))


def _value(run: RunFacts, key: str) -> str:
    if key not in run.metrics:
        return ""
    deviation = run.deviations.get(key)
    return format_cell(run.metrics[key]) + (f" ± {format_cell(deviation)}" if deviation is not None else "")


def _baseline(run: RunFacts, name: str) -> str:
    """Return what constants come to in the metric that is reported."""
    baseline: Mapping[str, Mapping[str, float]] = run.record.get("baseline") or {}
    found = next((baseline[key] for key in (f"test_{name}", f"val_{name}", name) if key in baseline), {})
    return format_beside(found, run.record.get("majority")).strip(" ()")


def _best(run: RunFacts, name: str) -> str:
    direction = (run.record.get("directions") or {}).get(name)
    if len(run.history) != 1:
        return ""
    for key in (f"val_{name}", name):
        points = [(row["epoch"], _finite(row.get(key))) for row in run.history[0] if key in row]
        found = best(points, direction)
        if found is not None:
            return f"{format_cell(found[1])} in epoch {found[0]}"
    return ""


def _judged(run: RunFacts) -> Iterator[Element]:
    """Yield whether the model is better than a constant, by the metrics that say which is better."""
    baseline: Mapping[str, Mapping[str, float]] = run.record.get("baseline") or {}
    directions: Mapping[str, str] = run.record.get("directions") or {}
    beaten: list[str] = []
    not_beaten: list[str] = []
    for key, kinds in baseline.items():
        way = directions.get(base_name(key))
        if key not in run.metrics or way not in {"min", "max"} or not kinds:
            continue
        value = _finite(run.metrics[key])  # NaN, which is not better than anything
        is_better = value < min(kinds.values()) if way == "min" else value > max(kinds.values())
        (beaten if is_better else not_beaten).append(key)
    if not_beaten:
        yield note(f"no better than the baseline: {', '.join(not_beaten)}", "bad")
    if beaten:
        yield note(f"better than the baseline: {', '.join(beaten)}", "good")


def _children(run: RunFacts) -> Element:
    keys = list(
        dict.fromkeys(key for child in run.children for key in child.metrics if key.startswith(("val_", "test_")))
    )
    rows = [
        (
            child.name,
            child.status,
            f"{child.epochs:,}",
            *(format_cell(child.metrics[key]) if key in child.metrics else "" for key in keys),
        )
        for child in run.children
    ]
    return table(f"The {run.kind}", (run.kind.removesuffix("s"), "status", "epochs", *keys), rows, words=(1,))


def curves(run: RunFacts) -> Iterator[Element]:
    """Yield how each metric went: as charts, and as a table."""
    rows = [row for each in run.history for row in each]
    panels = list_panels(rows)
    if not panels:
        yield note("no epoch has ended, so there are no curves")
        return
    count = sum(len(panel.metrics) for panel in panels) * len(run.history)
    points = max(30, min(300, _POINTS // (2 * count)))
    yield tag("div", *(draw(_panel(run, panel, points)) for panel in panels), class_="charts")
    if len(run.history) == 1:
        yield folded("The values as a table", _as_table(run.history[0]))
    else:
        yield note(f"the curves of all {run.kind or 'runs'} lie over each other")


def _panel(run: RunFacts, panel: Panel, points: int) -> Chart:
    is_alone = len(panel.metrics) == 1
    first = f", the first of {len(run.history)} {run.kind}" if len(run.history) > 1 else ""
    found: list[Curve] = []
    count = 0
    for number, name in enumerate(panel.metrics):
        for place, (part, prefix) in enumerate(PARTS.items()):
            for nth, history in enumerate(run.history):
                known = [row for row in history if prefix + name in row]
                count += bool(known)
                if known and count <= _CURVES:
                    word = f"{_PARTS_IN_WORDS[part] if is_alone else f'{name} {_PARTS_IN_WORDS[part]}'}{first}"
                    color = COLORS if nth else place if is_alone else number
                    found.append(
                        curve_of(prefix + name, known, word, color, is_dashed=not is_alone and part == "train")
                    )
    title = panel.title if count <= _CURVES else f"{panel.title}: {_CURVES} of {count:,} curves"
    kept = run.record.get("kept_epoch")
    places = [] if kept is None else [Mark(f"kept: epoch {kept}", float(kept))]
    places += [Mark(f"stage {name}", first - 0.5) for first, name in run.stages.items() if first > 1]
    return Chart(title, "epoch", found, _levels(run, panel.title) if is_alone else (), places, points=points)


def curve_of(
    key: str, rows: Sequence[Mapping[str, Value]], label: str, color: int, *, is_dashed: bool = False
) -> Curve:
    """Return what was logged under a key, with a gap where it is no finite number."""
    epochs = [float(row["epoch"]) for row in rows]
    return Curve(label, epochs, [_finite_or_none(row[key]) for row in rows], color, is_dashed)


def _levels(run: RunFacts, name: str) -> list[Mark]:
    baseline: Mapping[str, Mapping[str, float]] = run.record.get("baseline") or {}
    kinds = next((baseline[key] for key in (f"val_{name}", f"test_{name}", name) if key in baseline), {})
    found = [Mark(f"baseline ({kind})", float(value)) for kind, value in kinds.items() if math.isfinite(value)]
    tested = run.metrics.get(f"test_{name}")
    return [*found, *([Mark("test", tested)] if tested is not None and math.isfinite(tested) else [])]


def _as_table(history: Sequence[Mapping[str, Value]]) -> Element:
    keys = list(dict.fromkeys(key for row in history for key in row if key != "epoch"))
    step = math.ceil(len(history) / _ROWS)
    shown = [row for place, row in enumerate(history) if place % step == 0 or place == len(history) - 1]
    every = "every epoch" if step == 1 else f"every {_ordinal(step)} of {len(history):,} epochs; metrics.jsonl has all"
    rows = [(str(row["epoch"]), *(_logged(row[key]) if key in row else "" for key in keys)) for row in shown]
    return table(f"Values of {every}", ("epoch", *keys), rows)


def _ordinal(number: int) -> str:
    ending = "th" if 10 < number % 100 < 14 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number:,}{ending}"


def data(run: RunFacts) -> Iterator[Element]:
    """Yield what is known of the data, with what is suspicious."""
    recorded = run.record.get("data") or {}
    if not recorded:
        yield note("the data was not loaded")
        return
    names = (("training", "train_samples"), ("validation", "validation_samples"), ("test", "test_samples"))
    counts = [(f"{word} samples", _count(recorded.get(key))) for word, key in names if recorded.get(key)]
    yield fields([("source", str(recorded.get("source") or "")), *counts, *_batches(recorded)])
    details = run.details
    if details is None:
        yield note("what was found in the data was not recorded, or is damaged")
        return
    for each in details.warnings:
        yield note(each.text, "warning")
    if details.columns and not details.warnings:
        yield note("nothing suspicious was found in the table", "good")
    yield from _details(details)


def _batches(recorded: Mapping[str, Value]) -> Iterator[tuple[str, Content]]:
    for word, key in (("batch size", "batch_size"), ("steps per epoch", "steps_per_epoch"), ("classes", "num_classes")):
        if recorded.get(key):
            yield word, _count(recorded[key])
    if recorded.get("fingerprint"):
        yield "fingerprint", str(recorded["fingerprint"])[:16]


def _details(details: Details) -> Iterator[Element]:
    if details.columns:
        rows = [
            (name, each.kind, f"{each.missing:,}" if each.missing else "", _distinct(each), _values(each), each.use)
            for name, each in details.columns.items()
        ]
        heads = ("column", "kind", "missing", "distinct", "values", "use")
        yield table("Columns, as they are in the training samples", heads, rows, words=(1, 4, 5))
    if details.inputs:
        known = [
            (
                name,
                each.dtype,
                format_shape(each.shape),
                _range(each.min, each.max),
                f"{each.missing:,}" if each.missing else "",
            )
            for name, each in details.inputs.items()
        ]
        yield table("Inputs", ("input", "dtype", "shape", "range", "missing"), known, words=(1, 2, 3))
    for name, label in details.labels.items():
        yield from _labels(name, label)


def _labels(name: str, label: Label) -> Iterator[Element]:
    title = "Labels of the training samples" + ("" if name == "y" else f": {name}")
    if label.classes:
        whole = sum(label.classes.values()) or 1
        shown = list(label.classes.items())
        if len(shown) > _CLASSES:
            title += f": the {_CLASSES} largest of {len(shown):,} classes"
            shown = sorted(shown, key=lambda each: -each[1])[:_CLASSES]
        yield bars(title, [(text, count, f"{count:,} ({count / whole:.0%})") for text, count in shown])
    elif label.min is not None:
        yield note(f"{title}: {_range(label.min, label.max)}")


def _distinct(column: Column) -> str:
    return "" if column.distinct is None else f"{column.distinct:,}{'+' if column.distinct_of else ''}"


def _values(column: Column) -> str:
    if column.frequent:
        return ", ".join(" ".join(map(_plain, each)) for each in column.frequent)
    if column.kind == "boolean" and isinstance(column.mean, float):
        return f"{column.mean:.0%} true"
    return _range(column.min, column.max)


def _range(low: Value, high: Value) -> str:
    if low is None or high is None:
        return ""
    return _plain(low) if low == high else f"{_plain(low)} to {_plain(high)}"


def configuration(run: RunFacts) -> Iterator[Element]:
    """Yield the experiment with everything filled in, and where each value comes from."""
    if run.settings_note:
        yield note(run.settings_note)
    overrides = run.record.get("overrides") or ()
    if overrides:
        yield note(f"set on the command line: {', '.join(overrides)}")
    if run.settings:
        rows = [(each.text, each.origin, each.replaced) for each in run.settings]
        has_replaced = any(each.replaced for each in run.settings)
        heads = ("setting", "from", "in place of")[: 3 if has_replaced else 2]
        made = table("The experiment", heads, [row[: len(heads)] for row in rows], words=(1, 2), most=1500)
        made[0].set("class", "yaml")
        yield made


def model(run: RunFacts) -> Iterator[Element]:
    """Yield the nodes of the model."""
    known = run.model
    if known is None or not known.nodes:
        yield note("the nodes of the model were not recorded; see: trainctl explain resolved.yaml model --build")
        return
    rows = [
        (
            "│ " * len(each.within) + each.name,
            each.layer,
            _shape(each.shape),
            f"{each.parameters:,}",
            f"{each.trainable:,}",
        )
        for each in known.nodes
    ]
    whole = run.record.get("parameters") or 0
    caption = f"{known.name}: {plural(whole, 'parameter')}, {known.trainable_parameters:,} of them trainable"
    yield table(caption, ("node", "layer", "output shape", "parameters", "trainable"), rows, words=(1, 2), most=500)
    if known.node_count > len(known.nodes):
        yield note(f"the first {len(known.nodes):,} of {known.node_count:,} nodes")


def _shape(shape: Value) -> str:
    if not isinstance(shape, list):
        return ""
    if shape and all(isinstance(each, list) for each in shape):
        return ", ".join(_shape(each) for each in shape)
    return "×".join("?" if size is None else _plain(size) for size in shape) or "1"


def costs(run: RunFacts) -> Iterator[Element]:
    """Yield where the time of the run went."""
    phases: Mapping[str, float] = run.record.get("timing") or {}
    callbacks: Mapping[str, float] = run.record.get("callback_seconds") or {}
    whole = math.fsum(phases.values()) or 1.0
    if phases:
        longest = sorted(phases.items(), key=lambda each: -each[1])
        yield bars(
            "Time of each phase",
            [(name, took, f"{format_duration(took)} ({took / whole:.0%})") for name, took in longest],
        )
    else:
        yield note("the times of the phases were not recorded")
    seconds = [row["seconds"] for each in run.history for row in each if isinstance(row.get("seconds"), int | float)]
    if len(seconds) > 1:
        yield note(
            f"seconds of an epoch: the first {seconds[0]:.3g}, the others {math.fsum(seconds[1:]) / (len(seconds) - 1):.3g} on average"
        )
    if callbacks:
        most = sorted(callbacks.items(), key=lambda each: -each[1])
        yield bars("Time in callbacks", [(name, took, f"{took:.2f} s") for name, took in most])


def environment(run: RunFacts) -> Iterator[Element]:
    """Yield what the run depended on besides its settings."""
    record = run.record
    git = record.get("git") or {}
    pairs = [(name, str(record[name]).strip()) for name in ("host", "platform", "device") if record.get(name)]
    pairs += [("CPUs", str(record["cpu_count"]))] if record.get("cpu_count") else []
    pairs += [(f"git {name}", _plain(value)) for name, value in git.items()]
    pairs += [(name, str(version)) for name, version in (record.get("versions") or {}).items()]
    pairs += [(name, str(value)) for name, value in (record.get("switches") or {}).items()]
    for path, decision in (record.get("execution") or {}).items():
        pairs.append((path, f"{_plain(decision.get('value'))} ({decision.get('reason')})"))
    yield fields(pairs)
    imports = [str(each.get("name")) for each in record.get("imports") or () if isinstance(each, dict)]
    if imports:
        yield note(f"modules of the user: {', '.join(imports)}")


def _plain(value: Value) -> str:
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: ""}[value]
    return f"{value:.6g}" if isinstance(value, float) else f"{value:,}" if isinstance(value, int) else str(value)


def _count(value: Value) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value)


def _logged(value: Value) -> str:
    return format_number(value) if isinstance(value, int) else format_cell(value)


def _finite(value: Value) -> float:
    return float(value) if isinstance(value, int | float) else math.nan


def _finite_or_none(value: Value) -> float | None:
    return float(value) if isinstance(value, int | float) and math.isfinite(value) else None
