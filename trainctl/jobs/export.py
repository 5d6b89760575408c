"""`export`: a run's model in another format, with a check and the few lines that load it."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from trainctl.aliases import Value
from trainctl.components.extras import Extra
from trainctl.errors import ConfigError, RunDirError, UsageError
from trainctl.files import own_folder
from trainctl.jobs.recorded import load_recorded
from trainctl.jobs.trained_models import trained_models
from trainctl.runs.checkpoints import model_file
from trainctl.runs.failure import in_directory
from trainctl.runs.store import Run
from trainctl.text import one_of

if TYPE_CHECKING:
    from trainctl.training.export import Checked

FORMATS = ("keras", "saved_model", "litert", "onnx", "openvino")
README = "README.txt"
_EXTRAS = {"onnx": Extra("onnx", "tf2onnx"), "openvino": Extra("openvino", "openvino")}


@dataclass(frozen=True, slots=True)
class Exported:
    """What was exported.

    Args:
        run: The id of the run.
        format: The format.
        directory: The folder that holds it.
        file: The model in it.
        samples: How many samples both models were given.
        largest_difference: The largest difference of any output; `None` where its runtime is not installed.
    """

    run: str
    format: str
    directory: str
    file: str
    samples: int
    largest_difference: float | None


def export(
    run: Run,
    to: str,
    output: Path | None = None,
    checkpoint: str | None = None,
    imports: Sequence[str] = (),
    runs_dir: Path = Path("runs"),
) -> Exported:
    """Write the run's model, its preprocessing included, in another format.

    Args:
        run: The run.
        to: keras, saved_model, litert, onnx or openvino.
        output: A new folder; `None` for the run's `exports/FORMAT/`, which is replaced.
        checkpoint: The file of the model, relative to the run directory; `None` for the final one.
        imports: `--import` arguments; where there are none, the recorded modules are loaded.
        runs_dir: Where the runs are whose models it may build on.

    Raises:
        UsageError: There is no such format, the folder is there already, or the format cannot hold the model.
        ConfigError: A package is not installed.
        BuildError: Keras cannot export the model.
        RunDirError: The run has no such model, or the folder cannot be written.
    """
    if to not in FORMATS:
        raise UsageError(f"--to must be {one_of(FORMATS)}, got '{to}'")
    extra = _EXTRAS.get(to)
    if extra is not None and not extra.is_installed:
        raise ConfigError(f"--to {to} needs the package {extra.module}", hint=extra.command)
    if output is not None and output.exists() and (not output.is_dir() or any(output.iterdir())):
        raise UsageError(f"{output} exists already", hint="name a new folder: -o DIR")
    chosen = model_file(run, checkpoint)
    loaded = load_recorded(run, (), imports, runs_dir)
    target = output or run.directory.exports / to
    with in_directory(target, "write", "choose another folder with -o DIR"):
        if output is None:
            own_folder(target.parent)
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".export-", dir=target.parent) as aside:
            whole = Path(aside) / "whole"
            whole.mkdir()
            found = trained_models().export.export(
                run.directory, chosen, to, whole, is_mapped=bool(loaded.experiment.data.map)
            )
            (whole / README).write_text(_readme(run, to, found), encoding="utf-8")
            if target.is_symlink():
                raise RunDirError(f"{target} is a symbolic link, and is not followed")
            if target.exists():  # moved, not removed: a kill leaves no half of it in its place
                target.rename(Path(aside) / "before")
            whole.rename(target)
    return Exported(run.directory.run_id, to, str(target), found.file, found.samples, found.difference)


def _readme(run: Run, to: str, found: Checked) -> str:
    """Return how to load the model without trainctl, with one example and its answer."""
    lines = _LINES[to].format(file=found.file, arrays=_arrays(found), tensors=_tensors(found), given=_given(found))
    checked = (
        "not checked: its runtime was not installed"
        if found.difference is None
        else f"the largest difference from the original on {found.samples} samples is {found.difference:.3g}"
    )
    return (
        f"The model of the run {run.directory.run_id} ({run.name}) as {to}.\n"
        f"It takes raw inputs; {checked}.\n\n{lines}\n\nThe answer is {_short(found.answer)}\n"
    )


def _arrays(found: Checked) -> str:
    """Return the Python text of one sample, by input."""
    items = [
        f"    {name!r}: numpy.array([{value!r}], {found.dtypes[name]!r})," for name, value in found.example.items()
    ]
    return "\n".join(["inputs = {", *items, "}"])


def _given(found: Checked) -> str:
    """Return the Python text of what Keras's model is called with: arrays, those of text of Python's own str objects."""
    if found.takes_names:
        return "inputs"
    return "list(inputs.values())" if len(found.dtypes) > 1 else "*inputs.values()"


def _tensors(found: Checked) -> str:
    """Return the Python text that makes of `inputs` what the model is called with."""
    if found.takes_names:
        return "tensors = {name: tensorflow.constant(value) for name, value in inputs.items()}"
    if len(found.dtypes) > 1:
        return "tensors = [tensorflow.constant(value) for value in inputs.values()]"
    return "(tensors,) = map(tensorflow.constant, inputs.values())"


def _short(answer: Mapping[str, Value]) -> str:
    return ", ".join(f"{name} {value}"[:400] for name, value in answer.items())


_LINES = {
    "keras": "import keras, numpy\n\n{arrays}\nmodel = keras.saving.load_model({file!r})\nprint(model({given}))",
    "saved_model": "import numpy, tensorflow\n\n{arrays}\nmodel = tensorflow.saved_model.load({file!r})\n"
    "{tensors}\nprint(model.serve(tensors))",
    "litert": "import numpy, tensorflow\n\n{arrays}\nmodel = tensorflow.lite.Interpreter({file!r}).get_signature_runner()\n"
    "print(model(**inputs))",
    "onnx": "import numpy, onnxruntime\n\n{arrays}\nmodel = onnxruntime.InferenceSession({file!r})\n"
    "names = [each.name for each in model.get_inputs()]\nprint(model.run(None, dict(zip(names, inputs.values()))))",
    "openvino": "import numpy, openvino\n\n{arrays}\nmodel = openvino.Core().compile_model(\n"
    "    {file!r}, 'CPU', {{'INFERENCE_PRECISION_HINT': 'f32'}}\n)\n"
    "print(model(list(inputs.values())))",
}
