"""A model that Keras has saved → an experiment that builds it anew, as text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from trainctl import catalog
from trainctl.aliases import Value
from trainctl.config.compose.interpolate import escaped
from trainctl.drafts.compiled import Compiled, written_compile
from trainctl.drafts.components import MODELS, ComponentWriter, Saved
from trainctl.drafts.draft import Draft
from trainctl.drafts.graph import InputSpec, Vocabulary, Written, written_model
from trainctl.drafts.keras_file import KerasFile
from trainctl.drafts.layout import Layout
from trainctl.drafts.notes import Noted
from trainctl.drafts.shapes import index_counts, output_shape
from trainctl.drafts.stand_in import stand_in
from trainctl.errors import DataError

_INLINE = 20  # terms of a vocabulary that is written where it is used, at most


def draft_of_model(file: KerasFile, path: Path, stem: str) -> Draft:
    """Return the experiment that builds the file's model anew, with made-up data to train it on.

    Args:
        file: What the .keras file says.
        path: The file.
        stem: What the draft is called, without its ending; files beside it begin so.

    Raises:
        DataError: The file is damaged.
    """
    try:
        return _draft(file, path, stem)
    except RecursionError as error:
        raise DataError(f"the model in {path} is nested too deeply") from error
    except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, StopIteration) as error:
        what = f"{type(error).__name__}: {error}"
        raise DataError(f"config.json in {path} is damaged: {what}", hint="save the model again") from error


def _draft(file: KerasFile, path: Path, stem: str) -> Draft:
    model = file.model
    is_known = model.get("class_name") in MODELS
    written = written_model(model, file.vocabularies) if is_known else _alone(model)
    files: dict[str, str] = {}
    layers = _with_vocabularies(written.layers, stem, files)
    outputs = list(written.outputs) if len(written.outputs) > 1 else []
    entry = catalog.find("layer", str(model.get("class_name")))
    own_methods = {"train_step", "test_step"} if entry is None else set(entry.own_methods)
    own_loss = not is_known and bool(own_methods)
    compiled = written_compile(model, outputs, needs_loss=not own_loss)
    layout = Layout()
    layout.comment(f"Written by trainctl init from {path.name} (Keras {file.version or '3'}), without its weights.")
    layout.entry("name", _experiment_name(model, stem))
    layout.blank()
    can_validate = not own_loss or bool({"test_step", "compute_loss"} & own_methods)
    _add_data(layout, written, compiled, model, outputs, can_validate=can_validate)
    layout.blank()
    _add_model(layout, written, layers)
    layout.blank()
    if compiled.is_guess:
        layout.comment("A guess by the last activation: the file does not say how the model is trained.")
    layout.section("compile", compiled.section)
    layout.blank()
    layout.section("fit", {"epochs": 3})
    if compiled.execution:
        layout.blank()
        layout.section("execution", compiled.execution)
    return replace(layout.draft, files=files)


def _experiment_name(model: Saved, stem: str) -> str:
    name = str((model.get("config") or {}).get("name") or "")
    is_usual = not name or name.rstrip("0123456789_") in {"functional", "sequential", "model"}
    return stem if is_usual else name.replace("/", "-")


def _add_data(
    layout: Layout, written: Written, compiled: Compiled, model: Saved, outputs: list[str], *, can_validate: bool
) -> None:
    counts = index_counts(model)
    indices = {each.name: counts[key] for each in written.inputs for key in (each.saved_as, "") if key in counts}
    shapes = {
        name: (output_shape(model, index), compiled.losses.get(name)) for index, name in enumerate(outputs or [""])
    }
    layout.lines.append("data:")
    layout.comment("Made-up data of the right shapes, so that this file trains at once.", 2)
    layout.comment("Put your own source here, see: trainctl list sources", 2)
    if any(each.shape is None for each in written.inputs):
        layout.comment("The file does not say which shape the input has: this one is a guess.", 2)
    for name, (shape, _) in shapes.items():
        if shape is None and (outputs or name in compiled.losses):
            layout.comment(f"The file does not say which shape {name or 'the output'} has: its labels are a guess.", 2)
    for key, value in stand_in(written.inputs, indices, shapes).items():
        if key == "source":
            layout.lines.append("  source:")
            [(name, arguments)] = value.items()
            layout.entry(name, arguments, 4)
        elif can_validate or key != "validation_split":
            layout.entry(key, value, 2)


def _add_model(layout: Layout, written: Written, layers: list[Value]) -> None:
    layout.lines.append("model:")
    declared = dict(_declared(written.inputs))
    if declared:
        plain = all(value is None for value in declared.values())
        layout.entry("inputs", list(declared) if plain else {name: each or {} for name, each in declared.items()}, 2)
    layout.entry("layers", layers, 2)
    if written.outputs:
        layout.entry("outputs", written.outputs_as_written, 2)


def _declared(inputs: tuple[InputSpec, ...]) -> Iterator[tuple[str, Value]]:
    """Yield the inputs that the model must declare: several, or what the data does not say."""
    for each in inputs:
        if each.declared or len(inputs) > 1:
            yield each.name, each.declared or None


def _alone(model: Saved) -> Written:
    """Return a model of somebody's own class as the only layer."""
    writer = ComponentWriter(lambda _: None)
    value = writer.written(model, ("layer",))
    notes = tuple(
        replace(note, hint=note.hint.replace("@trainctl.layer", "@trainctl.model") if note.hint else None)
        for note in writer.notes
    )
    shape = (model.get("build_config") or {}).get("input_shape")
    known = tuple(shape[1:]) if isinstance(shape, list) and shape and not isinstance(shape[0], list) else None
    spec = InputSpec("input", known, "float32")
    return Written((spec,), [Noted(value, notes) if notes else value], {})


def _with_vocabularies(value: Value, stem: str, files: dict[str, str]) -> Value:
    """Return the layers with their vocabularies: short ones as lists, long ones as files beside the draft."""
    match value:
        case Noted():
            return Noted(_with_vocabularies(value.value, stem, files), value.notes)
        case dict():
            return {key: _with_vocabularies(each, stem, files) for key, each in value.items()}
        case list():
            return [_with_vocabularies(each, stem, files) for each in value]
        case Vocabulary():
            return _placed(value, stem, files)
    return value


def _placed(vocabulary: Vocabulary, stem: str, files: dict[str, str]) -> Value:
    if len(vocabulary.terms) <= _INLINE:
        return list(map(int if vocabulary.layer == "IntegerLookup" else escaped, vocabulary.terms))
    number = f"_{len(files)}" if files else ""
    name = f"{stem}.{catalog.snake_case(vocabulary.layer)}{number}.txt"
    files[name] = "\n".join(vocabulary.terms) + "\n"
    return name
