"""A model of the user's own that is the whole model: one with its own `train_step`, `test_step` or the like."""

from __future__ import annotations

from collections.abc import Collection

from trainctl import catalog
from trainctl.components.nodes.model import Graph
from trainctl.config.component import KerasComponent
from trainctl.config.experiment import Experiment
from trainctl.config.text.nodes import Node, component_names


def own_model(section: Graph) -> catalog.Entry | None:
    """Return the user's model with methods of its own that is the only layer; `None` if there is none."""
    if len(section.layers) != 1 or len(section.outputs) > 1:
        return None
    return own_entry(section.layers[0].component)


def own_entry(component: object) -> catalog.Entry | None:
    """Return what is known of a component that is a user's model with methods of its own."""
    if not isinstance(component, KerasComponent) or component.kind != "layer":
        return None
    entry = catalog.find("layer", component.name)
    return entry if entry is not None and entry.own_methods else None


def may_lack_loss(tree: Node) -> bool:
    """Whether the model written in the experiment's tree may have a loss of its own.

    Its only layer is a user's model, or one of its layers is a user's that adds a loss.
    """
    model = tree.value.get("model") if tree.is_mapping else None
    if model is not None and any(_adds_loss(name) for node in model.walk() for name in component_names(node)):
        return True
    layers = model.value.get("layers") if model is not None and model.is_mapping else None
    if layers is None or not layers.is_list or len(layers.value) != 1:
        return False
    [item] = layers.value
    names = component_names(item) or ([item.value] if isinstance(item.value, str) else [])
    entry = catalog.find("layer", names[0]) if names else None
    return entry is not None and entry.is_model


def _adds_loss(name: str) -> bool:
    entry = catalog.find("layer", name)
    return entry is not None and entry.adds_loss


def lacking_method(methods: Collection[str], *, is_validated: bool) -> str | None:
    """Return the method that a model needs of its own where the file gives it no loss; `None` if it has it.

    Args:
        methods: The methods that it has.
        is_validated: Whether it is to be measured on further samples.
    """
    if not {"train_step", "compute_loss"} & set(methods):
        return "train_step"
    return "test_step" if is_validated and not {"test_step", "compute_loss"} & set(methods) else None


def lacking_words(name: str, method: str) -> tuple[str, str]:
    """Return what to say of a model that lacks a method, and what to do."""
    if method == "train_step":
        return f"{name} has no train_step() of its own, and the experiment no loss", "set compile.loss"
    return (
        f"{name} has no test_step() of its own, and the experiment no loss: it can be trained, but not evaluated",
        f"give {name} a test_step(), or remove the validation split",
    )


def own_logs(experiment: Experiment) -> tuple[str, ...]:
    """Return the keys that the user's model says it logs besides the loss."""
    entry = own_model(experiment.model)
    return entry.logs if entry is not None else ()
