"""A run's model in the formats that serve it, checked against the original on samples."""

from __future__ import annotations

import contextlib
import io
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from trainctl.aliases import Array, Data, KerasObject, Tensors
from trainctl.backend import keras, tf
from trainctl.errors import BuildError, UsageError
from trainctl.models import build
from trainctl.runs.layout import RunDirectory
from trainctl.text import one_of
from trainctl.training.model_file import whole_model
from trainctl.training.new_parts import known_texts

Sample = Mapping[str, Array]
"""Samples of each input, by its name."""

_SAMPLES = 16
_AS_TEXT = {"saved_model", "keras"}
"""Formats whose runtime takes text."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What the check of an exported model found.

    Args:
        file: The model, relative to the folder of the export.
        samples: How many samples both models were given.
        difference: The largest difference of any output; `None` where its runtime is not installed.
        example: One raw sample, by input, as plain values.
        answer: What the model says of it, by output.
        dtypes: NumPy's name of the type of each input, in their order.
        takes_names: Whether it takes a mapping of names to arrays; else a list, or the only array.
    """

    file: str
    samples: int
    difference: float | None
    example: Mapping[str, Data]
    answer: Mapping[str, Data]
    dtypes: Mapping[str, str]
    takes_names: bool


def export(directory: RunDirectory, model_file: Path, kind: str, folder: Path, *, is_mapped: bool) -> Checked:
    """Write the model into `folder`, and compare it with the original.

    Args:
        directory: The run directory.
        model_file: The final model, a checkpoint, or a file of weights.
        kind: keras, saved_model, litert, onnx or openvino.
        folder: An empty folder.
        is_mapped: Whether layers of `data.map` stand before the model.

    Raises:
        UsageError: The format cannot hold the model: it takes text.
        BuildError: Keras cannot export the model.
    """
    model = whole_model(directory, model_file, is_mapped=is_mapped)
    inputs = getattr(model, "inputs", None)
    if not inputs:
        raise BuildError(f"{type(model).__name__} has no graph, so it cannot be exported", hint="export --to keras")
    if isinstance(model, keras.Sequential):  # which does not know its ends by name
        model = keras.Model(model.inputs, model.outputs, name=model.name)
    text = [tensor.name for tensor in inputs if tensor.dtype == "string"]
    if text and kind not in _AS_TEXT:
        raise UsageError(
            f"{kind} has no text, but the model takes it as {one_of(text, 'and')}",
            hint="export --to saved_model, which encodes text itself",
        )
    samples = _samples(model, known_texts(model))
    expected = _named(model, model.predict_on_batch(_tensors(samples, model)))
    writers = {
        "keras": _to_keras,
        "saved_model": _to_saved_model,
        "litert": _to_litert,
        "onnx": _to_onnx,
        "openvino": _to_openvino,
    }
    file = f"model{_SUFFIXES[kind]}"
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            writers[kind](model, folder / file)
        found = _RUN[kind](folder / file, samples, model)
        difference = None if found is None else _difference(expected, found)
    except (ValueError, TypeError, RuntimeError, NotImplementedError, tf.errors.OpError) as error:
        raise BuildError(f"the model cannot be exported to {kind}: {build.first_sentence(error)}") from error
    first = {name: each[0].tolist() for name, each in samples.items()}
    answer = {name: each[0].tolist() for name, each in expected.items()}
    dtypes = {name: each.dtype.name for name, each in samples.items()}
    return Checked(file, _SAMPLES, difference, first, answer, dtypes, isinstance(model.input, Mapping))


_SUFFIXES = {"keras": ".keras", "saved_model": "", "litert": ".tflite", "onnx": ".onnx", "openvino": ".xml"}


def _to_keras(model: KerasObject, path: Path) -> None:
    model.save(path)


def _to_saved_model(model: KerasObject, path: Path) -> None:
    model.export(path, format="tf_saved_model", verbose=False)


def _to_litert(model: KerasObject, path: Path) -> None:
    model.export(path, format="litert", verbose=False)


def _to_openvino(model: KerasObject, path: Path) -> None:
    model.export(str(path), format="openvino", verbose=False)


def _to_onnx(model: KerasObject, path: Path) -> None:
    """Write an ONNX file. Keras's own export makes inputs of the constants of a layer such as Normalization."""
    import tf2onnx
    from keras.src.export.tf2onnx_lib import patch_tf2onnx
    from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # it asks NumPy for a name that is none yet
        patch_tf2onnx()  # for the NumPy of today

    def called(*values: Tensors) -> Tensors:
        named = dict(zip((tensor.name for tensor in model.inputs), values, strict=True))
        whole = named if isinstance(model.input, Mapping) else list(values) if len(values) > 1 else values[0]
        return keras.tree.flatten(model(whole, training=False))

    specs = [tf.TensorSpec(tensor.shape, tensor.dtype, name=tensor.name) for tensor in model.inputs]
    frozen = convert_variables_to_constants_v2(tf.function(called).get_concrete_function(*specs))
    tf2onnx.convert.from_graph_def(
        frozen.graph.as_graph_def(),
        input_names=[tensor.name for tensor in frozen.inputs],
        output_names=[tensor.name for tensor in frozen.outputs],
        output_path=str(path),
    )


def _samples(model: KerasObject, texts: Mapping[str, list[str]]) -> Sample:
    """Return samples of each input, (16, …): texts that training had, else numbers."""
    rng, found = np.random.default_rng(0), {}
    for tensor in model.inputs:
        shape = (_SAMPLES, *(8 if size is None else size for size in tensor.shape[1:]))
        if tensor.dtype == "string":
            known = texts.get(tensor.name) or ["a", "b"]
            found[tensor.name] = rng.choice(np.array(known, "O"), shape)
        elif np.dtype(tensor.dtype).kind in "iu":
            found[tensor.name] = rng.integers(0, 2, shape).astype(tensor.dtype)
        else:
            found[tensor.name] = rng.normal(size=shape).astype(tensor.dtype)
    return found


def _tensors(samples: Sample, model: KerasObject) -> Tensors:
    tensors = {name: tf.constant(each) for name, each in samples.items()}
    if isinstance(model.input, Mapping):
        return tensors
    ordered = list(tensors.values())
    return ordered[0] if len(ordered) == 1 else ordered


def _named(model: KerasObject, values: Tensors) -> dict[str, Array]:
    if isinstance(values, Mapping):
        return {name: np.asarray(each) for name, each in values.items()}
    several = values if isinstance(values, list | tuple) else [values]
    return {name: np.asarray(each) for name, each in zip(model.output_names, several, strict=True)}


def _flat(model: KerasObject, values: Iterable[Tensors]) -> dict[str, Array]:
    """Return outputs that come in the order in which Keras flattens them, by name."""
    names = keras.tree.flatten({name: name for name in model.output}) if isinstance(model.output, Mapping) else None
    return {name: np.asarray(each) for name, each in zip(names or model.output_names, values, strict=True)}


def _difference(expected: Mapping[str, Array], found: Mapping[str, Array]) -> float:
    """Return the largest difference between outputs of the same name.

    Raises:
        ValueError: One of them has another shape.
    """
    for name, each in expected.items():
        if each.shape != found[name].shape:
            raise ValueError(f"{name} has the shape {found[name].shape}, but {each.shape} in the original")
    return max(float(np.abs(each.astype(float) - found[name].astype(float)).max()) for name, each in expected.items())


def _run_keras(path: Path, samples: Sample, model: KerasObject) -> dict[str, Array]:
    loaded = keras.saving.load_model(path, compile=False)
    return _named(loaded, loaded.predict_on_batch(_tensors(samples, model)))


def _run_saved_model(path: Path, samples: Sample, model: KerasObject) -> dict[str, Array]:
    loaded = tf.saved_model.load(str(path))  # its variables live as long as it does
    return _named(model, loaded.serve(_tensors(samples, model)))


def _run_litert(path: Path, samples: Sample, model: KerasObject) -> dict[str, Array]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it tells of its successor, which TensorFlow does not bring
        interpreter = tf.lite.Interpreter(str(path))
    runner = interpreter.get_signature_runner()  # by name: the file has inputs and outputs in an order of its own
    places = runner.get_input_details()
    found = runner(**{name: each.astype(places[name]["dtype"]) for name, each in samples.items()})
    if isinstance(model.output, Mapping):
        return _named(model, found)
    return _named(model, [found[f"output_{number}"] for number in range(len(found))])


def _run_onnx(path: Path, samples: Sample, model: KerasObject) -> dict[str, Array] | None:
    try:
        import onnxruntime
    except ImportError:
        return None
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    names = [each.name for each in session.get_inputs()]
    return _flat(model, session.run(None, dict(zip(names, samples.values(), strict=True))))


def _run_openvino(path: Path, samples: Sample, model: KerasObject) -> dict[str, Array]:
    import openvino

    # Else it rounds to bfloat16 where the processor has that.
    compiled = openvino.Core().compile_model(path, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    found = compiled(list(samples.values()))
    return _flat(model, (found[output] for output in compiled.outputs))


_RUN = {
    "keras": _run_keras,
    "saved_model": _run_saved_model,
    "litert": _run_litert,
    "onnx": _run_onnx,
    "openvino": _run_openvino,
}
