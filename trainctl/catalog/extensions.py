"""What trainctl adds to Keras's own namespaces, described like Keras's: losses, metrics and schedules.

`models/extensions/` has the classes, each under its name in the module of its namespace.
"""

from __future__ import annotations

from pathlib import Path

from trainctl.aliases import Value
from trainctl.catalog.entry import Entry, Parameter
from trainctl.catalog.signature import MISSING
from trainctl.catalog.types import Schema

FORMULA = "formula"
"""The JSON Schema format of text that is a formula."""


def _parameter(name: str, schema: Schema, doc: str, default: Value = MISSING, kinds: tuple[str, ...] = ()) -> Parameter:
    return Parameter(name, default is MISSING, default, schema, kinds, doc)


def _entry(kind: str, name: str, text: str, parameters: tuple[Parameter, ...], shorthand: str | None = None) -> Entry:
    summary = " ".join(text.split("\n\n", 1)[0].split())
    module = f"trainctl.models.extensions.{_NAMESPACES[kind]}"
    return Entry(kind, name, module, summary, text, parameters, Path(__file__), 1, shorthand=shorthand)


_NAMESPACES = {"loss": "losses", "metric": "metrics", "schedule": "schedules"}

_RATE = {"type": "number"}
_OTHER_RATE = {"type": ["number", "null"]}
_EPOCHS = {"type": ["number", "null"]}
_STEPS = {"type": ["integer", "null"]}

_FORMULA = _parameter(
    "formula",
    {"type": "string", "format": FORMULA, "minLength": 1, "examples": ["mean(abs(y - p) * where(y > p, 2, 1))"]},
    "The formula, with y for the label and p for the prediction, over functions of keras.ops.",
)

_LANGUAGE = """`y` is the label and `p` the prediction; labels that are classes are one-hot where the model has an output for each
class. Functions of keras.ops: abs, clip, exp, log, maximum, sigmoid, sign, sqrt, square, where and so on; mean, sum, max, min,
std, var, argmax, softmax and the like work on the last axis, never on the samples. What is left of the last axis is averaged,
so that there is one value for each sample and sample weights count."""

EXTENSIONS: tuple[Entry, ...] = (
    _entry(
        "loss",
        "Expression",
        f"""A loss written as a formula: `Expression: "mean(abs(y - p) * where(y > p, 2, 1))"`.

{_LANGUAGE}

A saved model does not hold it: Keras loads the model without a loss.""",
        (
            _FORMULA,
            _parameter(
                "reduction",
                {"enum": ["sum_over_batch_size", "sum", "mean", "mean_with_sample_weight", "none", None]},
                "How the values of the samples become one number.",
                "sum_over_batch_size",
            ),
        ),
        shorthand="formula",
    ),
    _entry(
        "metric",
        "Expression",
        f"""A metric written as a formula: `Expression: {{formula: "mean(abs(y - p) < 0.1)", name: within}}`.

{_LANGUAGE}

A saved model does not hold it.""",
        (
            _FORMULA,
            _parameter("name", {"type": "string", "minLength": 1}, "Its key in the logs.", "expression"),
        ),
        shorthand="formula",
    ),
    _entry(
        "schedule",
        "OneCycle",
        """One cycle: the learning rate rises linearly to its maximum, then falls by a cosine to almost 0.

It is Keras's CosineDecay with a warm-up, for which it counts the steps, and a saved model holds that. Momentum stays as it is.
Without `epochs` or `steps` the cycle is as long as the training, also where a resumed run trains longer.

Source: Smith and Topin, Super-Convergence, 2018.""",
        (
            _parameter("max_learning_rate", _RATE, "The highest learning rate."),
            _parameter("epochs", _EPOCHS, "Epochs of the cycle; null = the whole training.", None),
            _parameter("steps", _STEPS, "Steps of the cycle, in place of epochs.", None),
            _parameter(
                "warmup_fraction",
                {"type": "number"},
                "The part of the cycle in which the rate rises.",
                0.3,
            ),
            _parameter(
                "initial_learning_rate", _OTHER_RATE, "The first learning rate; null = max_learning_rate / 25.", None
            ),
            _parameter(
                "end_learning_rate", _OTHER_RATE, "The last learning rate; null = initial_learning_rate / 10,000.", None
            ),
        ),
    ),
    _entry(
        "schedule",
        "Warmup",
        """Any schedule, or a constant rate, with a warm-up: its first steps take a share of the rate that grows linearly to 1.

The schedule inside counts its steps from the first step of the training. A saved model holds that schedule alone, which gives
the same learning rates once the warm-up is over.

Source: Goyal et al., Accurate, Large Minibatch SGD, 2017, section 2.2.""",
        (
            _parameter("learning_rate", _RATE, "The rate after it.", kinds=("schedule",)),
            _parameter("epochs", _EPOCHS, "Epochs of the warm-up.", None),
            _parameter("steps", _STEPS, "Steps of the warm-up, in place of epochs.", None),
        ),
    ),
)
"""Every component that is not Keras's own."""

SHORTHANDS = {each.name: each.shorthand for each in EXTENSIONS if each.shorthand is not None}
"""Components of which text is an argument: by name, the argument."""
