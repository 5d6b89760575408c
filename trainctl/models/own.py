"""A model of the user's own, with its own `train_step` or the like, as the model that Keras trains."""

from __future__ import annotations

from trainctl import catalog
from trainctl.aliases import KerasObject, Tensors
from trainctl.backend import keras
from trainctl.components.nodes.model import Graph
from trainctl.components.user.parts import adds_loss, own_methods
from trainctl.config.component import KerasComponent
from trainctl.config.experiment import Experiment
from trainctl.config.model.graph import GraphNode
from trainctl.config.model.own import lacking_method, lacking_words
from trainctl.diagnostics import Diagnostic
from trainctl.errors import BuildError
from trainctl.models.build import REFUSALS, build_error, first_sentence, instantiate, layer_seed, with_argument
from trainctl.text import one_of


def standing_alone(section: Graph, inputs: Tensors, seed: int) -> keras.Model | None:
    """Return the model, built, where its only layer is one with methods of its own; `None` if it is not.

    Args:
        section: The model's nodes.
        inputs: What it is called on: KerasTensors.
        seed: The run's seed.

    Raises:
        BuildError: It cannot be made, or does not fit its inputs.
    """
    if len(section.layers) != 1 or len(section.outputs) > 1:
        return None
    node = section.layers[0]
    component = node.component
    if not isinstance(component, KerasComponent) or component.kind != "layer":
        return None
    entry = catalog.find(component.kind, component.name)
    if entry is None or entry.target is None:  # a layer of Keras's
        return None
    keras.utils.set_random_seed(layer_seed(seed, node.name))
    model = instantiate(with_argument(component, "name", node.name))
    if not has_own_methods(model):
        return None
    _require_config(component, model)
    try:
        _make_variables(model, inputs)
    except REFUSALS as error:
        shapes = [tuple(each.shape) for each in keras.tree.flatten(inputs)]
        message = f"{component.name} does not fit its input of shape {one_of(map(str, shapes), 'and')}"
        raise build_error(component, f"{message}: {first_sentence(error)}", error) from error
    return model


def _make_variables(model: keras.Model, inputs: Tensors) -> None:
    """Have the model make its variables; one that only trains others may have no `call`."""
    if type(model).call is not keras.Model.call:
        model(inputs)
        return
    if type(model).build is not keras.Model.build:
        model.build(keras.tree.map_structure(lambda each: each.shape, inputs))
    model.built = True


def _require_config(component: KerasComponent, model: keras.Model) -> None:
    """Refuse a model that could be trained, but not loaded again as it was made.

    Raises:
        BuildError: Its `get_config` does not give the arguments it was made with.
    """
    try:
        config = model.get_config()
    except NotImplementedError:
        config = {}
    given = {name: value for name, value in component.arguments.items() if name != "name"}
    lost = [name for name, value in given.items() if name not in config or config[name] != value]
    if lost or not config:
        arguments = ", ".join(f'"{name}": self.{name}' for name in given)
        raise build_error(
            component,
            f"{component.name} could not be loaded again once saved: its get_config() does not give "
            f"{one_of(lost, 'and') if lost else 'its arguments'}",
            hint=f"add to the class: def get_config(self): return {{**super().get_config(), {arguments}}}",
        )


def require_losses(model: keras.Model, experiment: Experiment, *, is_validated: bool) -> None:
    """Refuse a model that is given no loss, and has no method that computes one.

    Args:
        model: The model.
        experiment: Its loss, and the place to point at.
        is_validated: Whether it is to be measured on further samples.

    Raises:
        BuildError: Points at the model.
    """
    if experiment.compile.loss is not None or _has_own_loss(model):
        return
    method = lacking_method(own_methods(type(model)), is_validated=is_validated)
    if method is not None:
        component = experiment.model.layers[0].component
        message, hint = lacking_words(getattr(component, "name", model.name), method)
        raise build_error(component, message, hint=hint)


def can_be_tested(model: keras.Model, experiment: Experiment) -> bool:
    """Return whether the model has a loss to be measured by, the experiment's or one of its own."""
    has_loss = experiment.compile.loss is not None or _has_own_loss(model)
    return has_loss or lacking_method(own_methods(type(model)), is_validated=True) is None


def _has_own_loss(model: keras.Model) -> bool:
    """Whether a layer of the model, which Keras trains by its own steps, adds a loss."""
    layers = model._flatten_layers(include_self=False)  # noqa: SLF001  # there is no public way
    return not has_own_methods(model) and any(adds_loss(type(layer)) for layer in layers)


def has_own_methods(layer: KerasObject) -> bool:
    """Return whether it is a model whose class has its own `train_step` or the like."""
    return isinstance(layer, keras.Model) and bool(own_methods(type(layer)))


def require_no_own_methods(layer: KerasObject, node: GraphNode) -> None:
    """Refuse a model with methods of its own within a larger one, where Keras never calls them.

    Raises:
        BuildError: Points at its line.
    """
    if has_own_methods(layer):
        name = getattr(node.component, "name", node.name)
        methods = one_of([f"{method}()" for method in own_methods(type(layer))], "and")
        message = f"{name} has its own {methods}, which Keras calls only where it is the whole model"
        raise BuildError(
            diagnostics=[
                Diagnostic("build", message, node.location, node.path, hint=f"make {name} the only one of model.layers")
            ]
        )
