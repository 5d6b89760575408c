"""Components as other tools write them, and how they are written here.

Python calls (`Dense(64, activation='relu')`), modules (`tf.nn.relu`), tagged mappings (`type: Dense`, Keras's own
`class_name:` and `config:`, `class_path:`, `_target_:`), the names of PyTorch, and short names of metrics.
"""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import yaml

from trainctl import catalog
from trainctl.aliases import Value
from trainctl.components.spec import REGISTRIES, slot_of
from trainctl.config.messages.phrases import SHAPES, every_kind, known_names, suggestion
from trainctl.config.text.nodes import Node
from trainctl.text import folded

CONTAINERS = frozenset({"Sequential", "Functional", "Model"})
"""What Python calls a model made of a list of layers."""

SECTIONS_ELSEWHERE = {
    "training": "fit",
    "train": "fit",
    "trainer": "fit",
    "dataset": "data",
    "datasets": "data",
    "network": "model",
    "architecture": "model",
    "net": "model",
    "hyperparameters": "vars",
    "hparams": "vars",
    "variables": "vars",
    "defaults": "extends",
}
"""Sections of other tools' files, and the one that holds the same here."""

_NEEDLESS = {
    "verbose": "remove it: trainctl run --format says what is shown",
    "device": "remove it: TensorFlow uses a GPU where there is one; CUDA_VISIBLE_DEVICES chooses which",
    "gpus": "remove it: TensorFlow uses a GPU where there is one; CUDA_VISIBLE_DEVICES chooses which",
    "accelerator": "remove it: TensorFlow uses a GPU where there is one; CUDA_VISIBLE_DEVICES chooses which",
}


def needless(key: str, value: Node) -> str | None:
    """Return what to do about a key that other tools need at any place, and that is written otherwise here or not at all."""
    if key in {"mixed_precision", "fp16", "amp"}:
        policy = "mixed_bfloat16" if value.value == "bf16" else "mixed_float16"
        return f"write: execution: {{precision: {policy}}}"
    return _NEEDLESS.get(key)


def layers_of_config(node: Node) -> str:
    """Return how to write a model as Keras's JSON has it: `class_name: Sequential`, `config: {layers: […]}`."""
    config = node.value.get("config")
    layers = config.value.get("layers") if config is not None and config.is_mapping else None
    written = [rewritten(("layer",), each) for each in layers.value] if layers is not None and layers.is_list else []
    if not written or not all(written):
        return "leave out class_name and config, and put the list under layers: model: {layers: […]}"
    return (
        f"write: model: {{layers: [{', '.join(f'{{{each}}}' if ':' in str(each) else str(each) for each in written)}]}}"
    )


TAGS = ("_target_", "class_path", "class_name", "type", "layer", "callback", "optimizer", "loss", "metric", "name")
_ARGUMENTS = ("init_args", "config", "params", "parameters", "args", "kwargs", "arguments", "options")
_BESIDE_A_TAG = frozenset({"module", "registered_name", "build_config", "compile_config"})
_DOTTED = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)+")
_LONGEST = 300  # characters of a call that are worth parsing


@dataclass(frozen=True, slots=True)
class _Meant:
    """A component as somebody writes it elsewhere.

    Args:
        name: Its name there.
        given: Its arguments by name.
        in_order: Its arguments without a name.
        is_of_torch: Whether its module says that it is PyTorch's, which has other layers of the same names.
    """

    name: str
    given: Mapping[str, Value] = field(default_factory=dict)
    in_order: Sequence[Value] = ()
    is_of_torch: bool = False

    @classmethod
    def called(cls, dotted: str, given: Mapping[str, Value] | None = None, in_order: Sequence[Value] = ()) -> _Meant:
        """Return what the name `dotted` means, with or without its module."""
        *module, name = dotted.split(".")
        if folded(name) in _TAKE_THE_OPTIMIZER:
            is_first = bool(in_order) and str(in_order[0]) in _OPTIMIZERS
            given = {key: value for key, value in (given or {}).items() if key != "optimizer"}
            return cls(name, given, in_order[1:] if is_first else in_order, is_of_torch=is_first or "torch" in module)
        return cls(name, given or {}, in_order, bool({"nn", "torch"} & set(module)) and "tf" not in module)


@dataclass(frozen=True, slots=True)
class _Elsewhere:
    """What a name of another tool is called here.

    Args:
        name: The component.
        renamed: Its arguments by their names there.
        fixed: Arguments that the other tool has built in.
        order: Its arguments there, in the order of a call.
        complement: An argument that is 1 less its value there; "" if there is none.
        in_epochs: Arguments that are steps here and epochs there.
    """

    name: str
    renamed: Mapping[str, str] = field(default_factory=dict)
    fixed: Mapping[str, Value] = field(default_factory=dict)
    order: Sequence[str] = ()
    complement: str = ""
    in_epochs: Sequence[str] = ()

    def recalculated(self, argument: str, value: Value) -> Value:
        """Return the value as it means the same here."""
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if argument in self.in_epochs and is_number:
            return f"${{data.steps_per_epoch * {value}}}"
        return round(1 - value, 9) if argument == self.complement and is_number else value


def rewritten(kinds: Sequence[str], node: Node) -> str | None:
    """Return how to write the component of one of `kinds` that `node` describes in another tool's way, or `None`."""
    meant = _read(kinds, node)
    here = _translated(kinds, meant) if meant is not None else None
    if here is not None:
        return _write(here)
    schedule = _translated(("schedule",), meant) if meant is not None and "callback" in kinds else None
    return None if schedule is None else f"learning_rate: {{{_write(schedule)}}} in the optimizer"


def _read(kinds: Sequence[str], node: Node) -> _Meant | None:
    if isinstance(node.value, str):
        is_file = "source" in kinds and "." in node.value and "(" not in node.value
        return _read_file(node.value) if is_file else _read_text(node.value)
    if not node.is_mapping or not node.value or node.secret:
        return None
    plain = node.public()
    for tag in TAGS:
        name = plain.get(tag)
        if isinstance(name, str) and (tag != "name" or _called_here(kinds, name) is not None):
            return _Meant.called(name, _tagged_arguments(plain, tag))
    if len(plain) == 1:
        [(name, arguments)] = plain.items()
        if isinstance(name, str) and isinstance(arguments, dict | None):
            return _Meant.called(name, arguments)
    return None


def _tagged_arguments(plain: Mapping[str, Value], tag: str) -> Mapping[str, Value]:
    """Return the arguments beside a tag: under one of the usual keys, or all that is left."""
    for key in _ARGUMENTS:
        if isinstance(plain.get(key), dict):
            return dict(plain[key])
    return {key: value for key, value in plain.items() if key != tag and key not in _BESIDE_A_TAG}


def _read_file(path: str) -> _Meant:
    """Return the data source that is called as the file's suffix."""
    suffixes = [each for each in path.rsplit("/", 1)[-1].split(".")[1:] if each not in _COMPRESSED]
    return _Meant(suffixes[-1] if suffixes else "", {"path": path})


_COMPRESSED = frozenset({"gz", "bz2", "xz", "zip", "zst"})


def _read_text(text: str) -> _Meant | None:
    if _DOTTED.fullmatch(text) or text.isidentifier():
        return _Meant.called(text)
    if "(" not in text or len(text) > _LONGEST:
        return None
    try:
        tree = ast.parse(text.strip().rstrip(","), mode="eval").body
        return _read_call(tree)
    except (SyntaxError, ValueError, RecursionError):
        return None


def _read_call(tree: ast.expr) -> _Meant | None:
    if not isinstance(tree, ast.Call):
        return None
    if not isinstance(tree.func, ast.Name | ast.Attribute):
        return None
    given = {each.arg: _value(each.value) for each in tree.keywords if each.arg is not None}
    return _Meant.called(ast.unparse(tree.func), given, [_value(each) for each in tree.args])


def _value(tree: ast.expr) -> Value:
    """Return an argument of a call as plain data: a literal, or the component that it makes or names."""
    meant = _read_call(tree)
    if meant is not None:
        return meant
    match tree:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    value = ast.literal_eval(tree)
    return list(value) if isinstance(value, tuple) else value


def _translated(kinds: Sequence[str], meant: _Meant) -> tuple[str, Mapping[str, Value]] | None:
    """Return the component's name here and its arguments by the names that they have here."""
    foreign = _find_foreign(kinds, meant)
    has_arguments = bool(meant.given or meant.in_order)
    name = foreign.name if foreign is not None else _called_here(kinds, meant.name, with_arguments=has_arguments)
    if name is None:
        return None
    parameters = parameters_of(kinds, name)
    in_keras = catalog.callback_arguments(name) if "callback" in kinds else ()
    order = foreign.order if foreign is not None else in_keras or list(parameters)
    arguments: dict[str, Value] = {**foreign.fixed} if foreign is not None else {}
    for key, value in [*zip(order, meant.in_order, strict=False), *meant.given.items()]:
        own = (foreign.renamed.get(key) if foreign is not None else None) or key
        own = own if own in parameters else suggestion(own, parameters) or own
        if own in parameters or own not in SHAPES:
            meaning = foreign.recalculated(own, value) if foreign is not None else value
            arguments[own] = _nested(parameters.get(own, ()), meaning)
    return name, arguments


def _nested(kinds: Sequence[str], value: Value) -> Value:
    """Return an argument that is a call itself as a component."""
    if not isinstance(value, _Meant):
        return value
    name, arguments = _translated(kinds, value) or (value.name, value.given)
    return {name: dict(arguments)} if arguments else name


def _find_foreign(kinds: Sequence[str], meant: _Meant) -> _Elsewhere | None:
    tables = [_ELSEWHERE[kind] for kind in kinds if kind in _ELSEWHERE]
    if meant.name in known_names(kinds):
        tables = [_OTHERWISE_IN_TORCH] if meant.is_of_torch else []
    found = next((table.get(folded(meant.name)) for table in tables), None)
    return found if found is not None and found.name in known_names(kinds) else None


def _called_here(kinds: Sequence[str], name: str, *, with_arguments: bool = False) -> str | None:
    """Return the name with the capitals that it has here, `None` if there is no such component.

    With arguments it is a component's name where there is one, since identifiers take none.
    """
    same = [each for each in known_names(kinds) if folded(each) == folded(name)]
    preferred = [each for each in same if each[0].isupper()] if with_arguments else [name] if name in same else []
    return next(iter([*preferred, *same]), None)


def parameters_of(kinds: Iterable[str], name: str) -> Mapping[str, Sequence[str]]:
    """Return the arguments of a component, each with the kinds of component that it takes."""
    for kind in every_kind(kinds):
        if kind in REGISTRIES:
            spec = REGISTRIES[kind].get(name)
            if spec is not None:
                return {key: slot.kinds if (slot := slot_of(spec, key)) else () for key in spec.model_fields}
        else:
            entry = catalog.find(kind, catalog.stands_for(kind, name) or name)
            if entry is not None:
                return {each.name: each.kinds for each in entry.parameters}
    return {}


def _write(here: tuple[str, Mapping[str, Value]]) -> str:
    name, arguments = here
    if not arguments:
        return name
    if name[0].islower():
        name = next(filter(None, (catalog.stands_for(kind, name) for kind in catalog.KINDS)), name)
    text = yaml.dump(
        {name: dict(arguments)},
        Dumper=_Dumper,
        default_flow_style=True,
        sort_keys=False,
        width=math.inf,
        allow_unicode=True,
    )
    return text.strip()[1:-1]


class _Dumper(yaml.SafeDumper):
    """Writes plain data; text from the environment too."""


_Dumper.add_multi_representer(str, yaml.SafeDumper.represent_str)


def _torch_layers() -> dict[str, _Elsewhere]:
    """Return the layers of PyTorch that are called otherwise here."""
    renamed = {"out_channels": "filters"}
    pooled = {"kernel_size": "pool_size", "stride": "strides"}
    convolved, sizes = ("in_channels", "out_channels", "kernel_size", "stride", "padding"), ("kernel_size", "stride")
    named = {
        "Linear": _Elsewhere("Dense", {"out_features": "units"}, order=("in_features", "out_features")),
        "LazyLinear": _Elsewhere("Dense", {"out_features": "units"}, order=("out_features",)),
        "LayerNorm": _Elsewhere("LayerNormalization", order=("normalized_shape",)),
        "GroupNorm": _Elsewhere("GroupNormalization", {"num_groups": "groups"}, order=("num_groups", "in_channels")),
        "MultiheadAttention": _Elsewhere(
            "MultiHeadAttention", {"embed_dim": "key_dim"}, order=("embed_dim", "num_heads")
        ),
        "Sigmoid": _Elsewhere("Activation", fixed={"activation": "sigmoid"}),
        "Tanh": _Elsewhere("Activation", fixed={"activation": "tanh"}),
        "GELU": _Elsewhere("Activation", fixed={"activation": "gelu"}),
        "SiLU": _Elsewhere("Activation", fixed={"activation": "silu"}),
        "LogSoftmax": _Elsewhere("Activation", fixed={"activation": "log_softmax"}),
    }
    for axes in "123":
        named |= {
            f"Conv{axes}d": _Elsewhere(f"Conv{axes}D", renamed, order=convolved),
            f"ConvTranspose{axes}d": _Elsewhere(f"Conv{axes}DTranspose", renamed, order=convolved),
            f"BatchNorm{axes}d": _Elsewhere(
                "BatchNormalization", order=("num_features", "eps", "momentum"), complement="momentum"
            ),
            f"Dropout{axes}d": _Elsewhere(f"SpatialDropout{axes}D", order=("p",)),
            f"MaxPool{axes}d": _Elsewhere(f"MaxPooling{axes}D", pooled, order=sizes),
            f"AvgPool{axes}d": _Elsewhere(f"AveragePooling{axes}D", pooled, order=sizes),
            f"AdaptiveAvgPool{axes}d": _Elsewhere(f"GlobalAveragePooling{axes}D"),
            f"AdaptiveMaxPool{axes}d": _Elsewhere(f"GlobalMaxPooling{axes}D"),
            f"ZeroPad{axes}d": _Elsewhere(f"ZeroPadding{axes}D"),
        }
    return {folded(name): each for name, each in named.items()}


_LOGITS = {"from_logits": True}
_EACH_STEP = {"return_sequences": True}  # as PyTorch's recurrent layers do

_FIRST_RATE = {"initial_learning_rate": "…"}  # PyTorch's schedulers take it from the optimizer
_DECAY = {**_FIRST_RATE, "decay_steps": "…"}

_SCHEDULERS = {
    folded(name): each
    for name, each in {
        "OneCycleLR": _Elsewhere(
            "OneCycle",
            {"max_lr": "max_learning_rate", "total_steps": "steps", "pct_start": "warmup_fraction"},
            {"max_learning_rate": "…"},
            order=("max_lr", "total_steps"),
        ),
        "CosineAnnealingLR": _Elsewhere(
            "CosineDecay", {"T_max": "decay_steps"}, _DECAY, ("T_max",), in_epochs=("decay_steps",)
        ),
        "CosineAnnealingWarmRestarts": _Elsewhere(
            "CosineDecayRestarts",
            {"T_0": "first_decay_steps", "T_mult": "t_mul"},
            {**_FIRST_RATE, "first_decay_steps": "…"},
            ("T_0", "T_mult"),
            in_epochs=("first_decay_steps",),
        ),
        "StepLR": _Elsewhere(
            "ExponentialDecay",
            {"step_size": "decay_steps", "gamma": "decay_rate"},
            {**_DECAY, "decay_rate": 0.1, "staircase": True},
            ("step_size", "gamma"),
            in_epochs=("decay_steps",),
        ),
        "ExponentialLR": _Elsewhere(
            "ExponentialDecay",
            {"gamma": "decay_rate"},
            {**_FIRST_RATE, "decay_steps": "${data.steps_per_epoch}", "decay_rate": "…", "staircase": True},
            ("gamma",),
        ),
    }.items()
}
"""PyTorch's schedulers that count epochs, but for OneCycleLR, as schedules that count steps."""

_OPTIMIZERS = frozenset({"optimizer", "opt", "optim"})
"""What a script calls the optimizer that a scheduler takes first."""
_TAKE_THE_OPTIMIZER = frozenset({*_SCHEDULERS, folded("ReduceLROnPlateau")})

_OTHERWISE_IN_TORCH = {
    folded(name): _Elsewhere(here, fixed=_EACH_STEP, order=("input_size", "hidden_size"))
    for name, here in {"LSTM": "LSTM", "GRU": "GRU", "RNN": "SimpleRNN"}.items()
} | {folded("ReduceLROnPlateau"): _Elsewhere("ReduceLROnPlateau", order=("mode", "factor", "patience"))}
"""Components of PyTorch that are called as ours are, but take other arguments."""

_ELSEWHERE: Mapping[str, Mapping[str, _Elsewhere]] = {
    "layer": _torch_layers(),
    "schedule": _SCHEDULERS,
    "loss": {
        folded(name): each
        for name, each in {
            "CrossEntropyLoss": _Elsewhere("SparseCategoricalCrossentropy", fixed=_LOGITS),
            "NLLLoss": _Elsewhere("SparseCategoricalCrossentropy", fixed=_LOGITS),  # of the logarithms of probabilities
            "CrossEntropy": _Elsewhere("sparse_categorical_crossentropy"),
            "BCELoss": _Elsewhere("binary_crossentropy"),
            "BCE": _Elsewhere("binary_crossentropy"),
            "BCEWithLogitsLoss": _Elsewhere("BinaryCrossentropy", fixed=_LOGITS),
            "MSELoss": _Elsewhere("mse"),
            "L1Loss": _Elsewhere("mae"),
            "L1": _Elsewhere("mae"),
            "L2": _Elsewhere("mse"),
            "SmoothL1Loss": _Elsewhere("Huber"),
            "HuberLoss": _Elsewhere("Huber"),
            "KLDivLoss": _Elsewhere("KLDivergence"),
            "CTCLoss": _Elsewhere("CTC"),
            "LogLoss": _Elsewhere("binary_crossentropy"),
        }.items()
    },
    "metric": {
        folded(name): each
        for name, each in {
            "rmse": _Elsewhere("RootMeanSquaredError"),
            "r2": _Elsewhere("R2Score"),
            "r_squared": _Elsewhere("R2Score"),
            "f1": _Elsewhere("F1Score"),
            "iou": _Elsewhere("MeanIoU"),
            "miou": _Elsewhere("MeanIoU"),
            "roc_auc": _Elsewhere("AUC"),
            "auroc": _Elsewhere("AUC"),
            "pr_auc": _Elsewhere("AUC", fixed={"curve": "PR"}),
            "average_precision": _Elsewhere("AUC", fixed={"curve": "PR"}),
            "top5": _Elsewhere("TopKCategoricalAccuracy", fixed={"k": 5}),
            "top_5_accuracy": _Elsewhere("TopKCategoricalAccuracy", fixed={"k": 5}),
            "top3": _Elsewhere("TopKCategoricalAccuracy", fixed={"k": 3}),
        }.items()
    },
}
