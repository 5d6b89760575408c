"""Data → an experiment that learns from it, as text: a model and a training of the usual kind for such data."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from math import floor, log10

from trainctl.aliases import Value
from trainctl.config.compose.interpolate import escaped
from trainctl.drafts.draft import Draft
from trainctl.drafts.layout import Layout
from trainctl.drafts.notes import Note, Noted
from trainctl.drafts.templates import stopping_lines

_LARGEST_IMAGE = 160  # pixels a side; larger ones are read smaller
_TEXTS = frozenset({"string", "object", "text", "str"})
_LARGE = 10_000  # samples from which on batches are larger and epochs fewer


@dataclass(frozen=True, slots=True)
class DataFacts:
    """What a draft must know of some data.

    Args:
        source: The name of its source, and the arguments.
        samples: How many samples there are to train on.
        is_table: Whether it is a table, which reaches the model as one vector.
        shape: Shape of one sample of other data.
        dtype: Its dtype, `string` for texts.
        classes: How many samples each class has; empty for numbers to predict.
        numbers: Mean and standard deviation of numbers to predict.
        excluded: Columns that should not be used, each with the reason.
        brings_validation: Whether the data has samples to validate on.
    """

    source: tuple[str, Mapping[str, Value]]
    samples: int
    is_table: bool
    shape: Sequence[int | None]
    dtype: str
    classes: Mapping[str, int]
    numbers: tuple[float, float]
    excluded: Mapping[str, str]
    brings_validation: bool = False


def draft_of_data(facts: DataFacts, name: str) -> Draft:
    """Return an experiment for the data.

    Args:
        facts: What is known of the data.
        name: The experiment's name.
    """
    source, arguments = facts.source
    arguments = escaped(_without_columns({**arguments, **_smaller(facts)}, facts.excluded))
    layout = Layout()
    what = f"{len(facts.classes)} classes" if facts.classes else "a number"
    layout.comment(f"Written by trainctl init: {facts.samples:,} samples to train on, {what} to predict.")
    layout.entry("name", name)
    layout.entry("seed", 1)
    layout.blank()
    layout.lines += ["data:", "  source:"]
    for column, reason in facts.excluded.items():
        layout.comment(f"{column}: {reason}", 4)
    layout.entry(source, arguments, 4)
    if not facts.brings_validation:
        layout.entry("validation_split", 0.2, 2)
    layout.entry("batch_size", 32 if facts.samples < _LARGE else 256, 2)
    if not facts.classes and _needs_scale(facts):
        layout.comment(
            "to about -1…1, in which a model learns well; predictions and metrics are in the label's own unit", 2
        )
        layout.entry("map_labels", _scale(facts), 2)
    layout.blank()
    layout.lines.append("model:")
    layout.entry("layers", [*_body(facts), _head(facts)], 2)
    layout.blank()
    loss, metric = _loss(facts)
    layout.section("compile", {"optimizer": {"Adam": {"learning_rate": 0.001}}, "loss": loss, "metrics": [metric]})
    layout.blank()
    layout.section("fit", {"epochs": 60 if facts.samples < _LARGE else 15})
    layout.blank()
    layout.lines += stopping_lines()
    layout.blank()
    layout.lines.append("expect:")
    answer = max(facts.classes, key=lambda name: facts.classes[name]) if facts.classes else "the median"
    layout.comment(f"better than always answering {answer}", 2)
    layout.lines.append(f'  val_{metric}: "{">" if facts.classes else "<"} baseline"')
    return Draft(layout.text)


def _without_columns(arguments: Mapping[str, Value], columns: Collection[str]) -> dict[str, Value]:
    """Return the arguments of a table without these columns: not among the `features` that are named, else excluded too."""
    features = arguments.get("features")
    if isinstance(features, Mapping):
        return {**arguments, "features": {name: each for name, each in features.items() if name not in columns}}
    if features is not None:
        return {**arguments, "features": [name for name in features if name not in columns]}
    return {**arguments, "exclude": [*arguments.get("exclude", ()), *columns]} if columns else dict(arguments)


def _smaller(facts: DataFacts) -> dict[str, Value]:
    is_large = _is_image(facts) and max(each or 0 for each in facts.shape[:2]) > _LARGEST_IMAGE
    return {"image_size": [_LARGEST_IMAGE, _LARGEST_IMAGE]} if is_large else {}


def _is_image(facts: DataFacts) -> bool:
    return not facts.is_table and len(facts.shape) == 3 and facts.shape[-1] in (1, 3, 4)


def _needs_scale(facts: DataFacts) -> bool:
    mean, deviation = facts.numbers
    return deviation > 0 and not (0.1 <= deviation <= 10 and abs(mean) <= 10)


def _scale(facts: DataFacts) -> Value:
    mean, deviation = facts.numbers
    factor = _rounded(deviation)
    scale: Value = f"1/{factor:g}" if factor >= 1 and factor == int(factor) else _rounded(1 / deviation)
    return [{"shift": -_rounded(mean)}, {"scale": scale}] if mean else {"scale": scale}


def _rounded(value: float) -> float:
    """Return the value with two digits."""
    if value == 0:
        return 0.0
    rounded = round(value, 1 - floor(log10(abs(value))))
    return int(rounded) if rounded == int(rounded) else rounded


def _body(facts: DataFacts) -> list[Value]:
    """Return the layers before the last, of the usual kind for such data."""
    if facts.is_table:
        return [_dense(64), {"Dropout": {"rate": 0.2}}, _dense(32)]
    if facts.dtype in _TEXTS:
        return [
            Noted(
                {"TextVectorization": {"max_tokens": 10000, "output_sequence_length": 200}}, (Note("learns its words"),)
            ),
            {"Embedding": {"input_dim": 10000, "output_dim": 32, "mask_zero": True}},
            "GlobalAveragePooling1D",
            _dense(32),
            {"Dropout": {"rate": 0.3}},
        ]
    if len(facts.shape) == 2 and facts.shape[0] == facts.shape[1]:  # images without channels
        return [{"Reshape": {"target_shape": [*facts.shape, 1]}}, *_body(replace(facts, shape=(*facts.shape, 1)))]
    if _is_image(facts):
        deep = [16, 32, 64] if max(each or 0 for each in facts.shape[:2]) >= 24 else [16, 32]
        scale: list[Value] = [{"Rescaling": {"scale": "1/255"}}] if facts.dtype == "uint8" else ["BatchNormalization"]
        blocks = [layer for filters in deep for layer in (_convolution(filters), "MaxPooling2D")]
        return [*scale, *blocks, "Flatten", {"Dropout": {"rate": 0.3}}, _dense(64)]
    if len(facts.shape) == 2:
        return ["Normalization", {"LSTM": {"units": 32}}]
    if len(facts.shape) == 1 and (facts.shape[0] or 0) > 2000:
        spectrogram = {"mode": "log", "frame_length": 256, "frame_step": 128, "fft_length": 256}
        sound = [{"STFTSpectrogram": spectrogram}, {"Reshape": {"target_shape": [-1, 129, 1]}}]
        return [*sound, _convolution(16), "MaxPooling2D", _convolution(32), "GlobalAveragePooling2D"]
    flat: list[Value] = ["Flatten"] if len(facts.shape) > 1 else []
    return ["Normalization", *flat, _dense(64), {"Dropout": {"rate": 0.2}}, _dense(32)]


def _dense(units: int) -> Value:
    return {"Dense": {"units": units, "activation": "relu"}}


def _convolution(filters: int) -> Value:
    return {"Conv2D": {"filters": filters, "kernel_size": 3, "padding": "same", "activation": "relu"}}


def _head(facts: DataFacts) -> Value:
    if not facts.classes:
        return {"Dense": {"units": 1}}
    if len(facts.classes) == 2:
        return {"Dense": {"units": 1, "activation": "sigmoid"}}
    return {"Dense": {"units": "${data.num_classes}", "activation": "softmax"}}


def _loss(facts: DataFacts) -> tuple[str, str]:
    if not facts.classes:
        return "mse", "mae"
    return ("binary_crossentropy" if len(facts.classes) == 2 else "sparse_categorical_crossentropy"), "accuracy"
