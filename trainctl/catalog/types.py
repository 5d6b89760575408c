"""Types: which plain values and which kinds of components an argument takes, as a fragment of JSON Schema.

Keras has no annotations, so types are read from the argument's name, its default and the first sentence of its text.
Nothing that Keras accepts may be refused: where these say nothing, anything goes (`{}`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from trainctl.aliases import Value

Schema = Mapping[str, Value]

NOTHING: Schema = {"enum": []}
"""No plain value at all: only a component may be here."""

POSITIVE: Schema = {"type": "integer", "minimum": 1}
INTEGER: Schema = {"type": "integer"}
NUMBER: Schema = {"type": "number"}
BOOLEAN: Schema = {"type": "boolean"}
STRING: Schema = {"type": "string"}
LIST: Schema = {"type": "array"}
NUMBERS: Schema = {"type": ["number", "array"]}
INTEGERS: Schema = {"anyOf": [INTEGER, {"type": "array", "items": INTEGER}]}
SIZES: Schema = {"anyOf": [POSITIVE, {"type": "array", "items": INTEGER}]}
FRACTION: Schema = {"type": "number", "minimum": 0, "maximum": 1}
PENALTY: Schema = {"type": ["number", "null"], "minimum": 0}

ROLES: Mapping[str, tuple[str, ...]] = {
    "_initializer": ("initializer",),
    "_regularizer": ("regularizer",),
    "_constraint": ("constraint",),
    "activation": ("activation", "layer"),
}
"""Endings of names whose arguments take a component of these kinds, or null."""

COMPONENTS: Mapping[str, tuple[tuple[str, ...], Schema]] = {
    "learning_rate": (("schedule",), NUMBER),
    "layer": (("layer",), NOTHING),
    "backward_layer": (("layer",), NOTHING),
    "cell": (("layer",), LIST),
    "cells": (("layer",), LIST),
    "layers": (("layer",), LIST),
    "inner_optimizer": (("optimizer",), NOTHING),
    "default_optimizer": (("optimizer",), NOTHING),
    "MultiOptimizer.optimizer_map": (("optimizer",), NOTHING),
    "OptimizerMap.optimizer_map": (("optimizer",), {"type": ["object", "null"]}),  # patterns of paths to optimizers
    "MeanMetricWrapper.fn": (("loss",), NOTHING),
}
"""Arguments that take a component, and the plain values they take besides."""

FUNCTIONS = frozenset({"TextVectorization.standardize", "TextVectorization.split"})
"""Arguments that take a function of a tensor in place of a plain value."""

PLAIN: Mapping[str, Schema] = {
    "name": {"type": ["string", "null"]},
    "dtype": {"type": ["string", "null"]},
    "seed": {"type": ["integer", "null"]},
    "axis": {"type": ["integer", "array", "null"]},
    "units": POSITIVE,
    "filters": POSITIVE,
    "kernel_size": SIZES,
    "strides": SIZES,
    "pool_size": SIZES,
    "dilation_rate": SIZES,
    "output_padding": INTEGERS,
    "size": SIZES,
    "rate": FRACTION,
    "MinMaxNorm.rate": NUMBER,
    "l1": PENALTY,
    "l2": PENALTY,
    "shape": LIST,
    "batch_shape": LIST,
    "input_shape": LIST,
    "noise_shape": LIST,
    "output_shape": {},
    "output_size": {"type": ["integer", "array"]},
    "dims": {"type": "array", "items": INTEGER},
    "target_shape": {"type": "array", "items": INTEGER},
    "batch_size": INTEGER,
    "classes": INTEGER,
    "k": INTEGER,
    "implementation": INTEGER,
    "head_dim": INTEGER,
    "key_dim": INTEGER,
    "value_dim": INTEGER,
    "num_heads": INTEGER,
    "num_query_heads": INTEGER,
    "num_key_value_heads": INTEGER,
    "num_bins": INTEGER,
    "num_classes": INTEGER,
    "num_labels": INTEGER,
    "num_oov_indices": INTEGER,
    "num_ops": INTEGER,
    "num_thresholds": INTEGER,
    "AUC.num_thresholds": {"type": ["integer", "null"]},
    "num_tokens": INTEGER,
    "max_tokens": INTEGER,
    "top_k": INTEGER,
    "ignore_class": INTEGER,
    "max_number": INTEGER,
    "height": INTEGER,
    "width": INTEGER,
    "factor": NUMBERS,
    "OrthogonalRegularizer.factor": NUMBER,
    "Rescaling.scale": NUMBERS,
    "offset": NUMBERS,
    "CategoricalFocalCrossentropy.alpha": NUMBERS,
    "threshold": NUMBER,
    "thresholds": NUMBERS,
    "lora_alpha": NUMBER,
    "weight_decay": {"type": ["number", "null"]},
    "Embedding.weights": {"type": ["string", "array", "null"]},
    "ReversibleEmbedding.weights": {"type": ["string", "array", "null"]},
    "boundaries": LIST,
    "values": LIST,
    "decay_steps": NUMBER,
    "first_decay_steps": NUMBER,
    "warmup_steps": NUMBER,
    "recall": NUMBER,
    "precision": NUMBER,
    "sensitivity": NUMBER,
    "specificity": NUMBER,
    "value": {},
    "salt": {"type": ["integer", "array", "null"]},
    "flash_attention": BOOLEAN,
    "use_cudnn": {"enum": ["auto", True, False]},
    "equation": STRING,
    "bounding_box_format": STRING,
    "window": {"type": ["string", "array", "null"]},
    "InputLayer.sparse": BOOLEAN,
    "InputLayer.ragged": BOOLEAN,
}
"""Arguments of which the text says too little, or less than Keras accepts; `Class.argument` goes before `argument`."""

CHOICES: Mapping[str, tuple[Value, ...]] = {
    "average": (None,),
    "class_aggregation": (None,),
    "curve": ("ROC", "PR", "PRGAIN", "roc", "pr", "prgain"),
    "data_format": ("channels_last", "channels_first"),
    "distribution": ("truncated_normal", "untruncated_normal", "uniform", "normal"),
    "fill_mode": ("constant", "nearest", "wrap", "mirror", "reflect"),
    "interpolation": ("nearest", "bilinear", "bicubic", "lanczos3", "lanczos5", "area"),
    "merge_mode": ("concat", "sum", "mul", "ave", None),
    "mode": (),
    "oov_method": ("floormod", "farmhash"),
    "output_mode": (),
    "TextVectorization.output_mode": ("one_hot",),
    "padding": ("valid", "same"),
    "pooling": ("avg", "max"),
    "reduction": ("sum_over_batch_size", "sum", "mean", "mean_with_sample_weight", "none", None),
    "scaling": ("density", "spectrum", None),
    "score_mode": ("dot", "concat"),
    "side": ("real", "imag"),
    "split": ("whitespace", "character", None),
    "standardize": ("lower_and_strip_punctuation", "lower", "strip_punctuation", None),
    "summation_method": ("interpolation", "majoring", "minoring", "Interpolation", "Majoring", "Minoring"),
}
"""Arguments that take one of a few values: these, and whatever the text quotes."""

QUOTED = re.compile(r"""["'](\w+)`?["']""")
NONE = re.compile(r"\bNone\b")
WORDS: Mapping[str, re.Pattern[str]] = {
    "integer": re.compile(r"\b(?:u?ints?|integers?)\b", re.IGNORECASE),
    "number": re.compile(r"\b(?:floats?|floating|scalar|python numbers?)\b", re.IGNORECASE),
    "boolean": re.compile(r"\b(?:bool|boolean|whether)\b|\bif `?true", re.IGNORECASE),
    "string": re.compile(r"\b(?:str|strings?)\b", re.IGNORECASE),
    "array": re.compile(r"\b(?:lists?|tuples?|arrays?|matrix|sequence|iterable)\b", re.IGNORECASE),
    "object": re.compile(r"\b(?:dict|dictionary)\b", re.IGNORECASE),
}
"""Words of Keras's text that name a JSON Schema type."""


def describe(owner: str, name: str, default: Value, text: str) -> tuple[Schema, tuple[str, ...]]:
    """Return the plain values an argument takes, and the kinds of components that may be there as well.

    Args:
        owner: The class or function it belongs to.
        name: The argument.
        default: Its default; `MISSING` where it has none or it is unknown.
        text: Its description.
    """
    kinds, schema = _find_component_kinds(owner, name) or ((), _describe_plain(owner, name, default, text))
    nullable = default is None or (not kinds and NONE.search(text) is not None)
    return (_allow_null(schema) if nullable and schema else schema), kinds


def _find_component_kinds(owner: str, name: str) -> tuple[tuple[str, ...], Schema] | None:
    for ending, kinds in ROLES.items():
        if name.endswith(ending):
            return kinds, {"type": "null"}
    return COMPONENTS.get(f"{owner}.{name}", COMPONENTS.get(name))


def _describe_plain(owner: str, name: str, default: Value, text: str) -> Schema:
    if name in CHOICES and isinstance(default, str | None):
        return _read_choices(CHOICES.get(f"{owner}.{name}", CHOICES[name]), default, text)
    known = PLAIN.get(f"{owner}.{name}", PLAIN.get(name))
    return _read(default, text) if known is None else known


def _read_choices(known: tuple[Value, ...], default: str | None, text: str) -> Schema:
    values = dict.fromkeys([default, *known, *QUOTED.findall(text)])
    if "case-insensitive" in text:
        values |= dict.fromkeys([value.upper() for value in values if value])
    return {"enum": list(values)}


def _read(default: Value, text: str) -> Schema:
    """Return the default's own type, and those that the first sentence names."""
    if isinstance(default, bool):
        return BOOLEAN
    lead = re.sub(r"^\(?optional\)?[.,:]?\s+", "", text, flags=re.IGNORECASE).split(". ")[0]
    named = [kind for kind, words in WORDS.items() if words.search(lead)]
    types = list(dict.fromkeys(_parse_types(default, described=bool(named)) + named))
    if "number" in types:
        types = [kind for kind in types if kind != "integer"]
    if not types:
        return {}
    return {"type": types[0] if len(types) == 1 else types}


def _parse_types(default: Value, *, described: bool) -> list[str]:
    match default:
        case int():  # `label_smoothing=0` is a number: only the text can tell
            return ["integer" if described else "number"]
        case float():
            return ["number"]
        case str():
            return ["string"]
        case tuple() | list():
            return ["array"]
    return []


def _allow_null(schema: Schema) -> Schema:
    if "enum" in schema:
        return {**schema, "enum": list(dict.fromkeys([*schema["enum"], None]))}
    if "anyOf" in schema:
        return {**schema, "anyOf": [*schema["anyOf"], {"type": "null"}]}
    types = [schema["type"]] if isinstance(schema["type"], str) else list(schema["type"])
    return schema if "null" in types else {**schema, "type": [*types, "null"]}
