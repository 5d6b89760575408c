"""Labels that follow the images: masks and images among the labels, moved as a layer moves its input."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from trainctl.aliases import KerasObject, Tensors
from trainctl.backend import tf
from trainctl.config.component import KerasComponent
from trainctl.config.model.effects import EFFECTS, SIZE_FREE, Effect
from trainctl.models.build import build_error

Shape = tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class Label:
    """What is known of one array of labels.

    Args:
        shape: Shape of one label.
        are_numbers: Whether its values are numbers, between which there are others; false for class indices, one-hot and
            multi-hot labels.
        are_indices: Whether they are class indices, of which there is no mean.
    """

    shape: Shape
    are_numbers: bool
    are_indices: bool = False

    @property
    def is_dense(self) -> bool:
        """Whether it has a value for each place of something, as a mask has."""
        return len(self.shape) >= 2


@dataclass(frozen=True, slots=True)
class Step:
    """One layer, and what it does to labels; they are named by their outputs, "" is the only one.

    Args:
        layer: The Keras layer.
        channels: Labels that go through it as further channels of the image, with its interpolation.
        masks: Labels that move as masks of classes do: each place takes the nearest one's.
        mixed: Labels that are mixed as the samples are.
    """

    layer: KerasObject
    channels: tuple[str, ...] = ()
    masks: tuple[str, ...] = ()
    mixed: tuple[str, ...] = ()

    @property
    def follows(self) -> bool:
        """Whether labels follow."""
        return bool(self.channels or self.masks or self.mixed)

    def __call__(self, x: Tensors, y: Tensors, *, training: bool) -> tuple[Tensors, Tensors]:
        """Return the batch after the layer: inputs, and labels.

        Args:
            x: The inputs.
            y: The labels, or a mapping of outputs to such.
            training: Whether the layer does what it does while training.
        """
        if not self.follows:
            return self.layer(x, training=training), y
        named = dict(y) if isinstance(y, Mapping) else {"": y}
        channels, masks, mixed = ([named[name] for name in each] for each in (self.channels, self.masks, self.mixed))
        batch = {"images": _stacked([x, *channels], axis=-1, rank=4) if channels else x}
        if masks:
            batch["segmentation_masks"] = _stacked(masks, axis=-1, rank=4)
        if mixed:
            batch["labels"] = _stacked(mixed, axis=-1, rank=2)
        batch = self.layer(batch if masks or mixed else batch["images"], training=training)
        batch = batch if isinstance(batch, Mapping) else {"images": batch}
        image, *parts = _apart(batch["images"], [x, *channels]) if channels else [batch["images"]]
        parts += _apart(batch["segmentation_masks"], masks) if masks else []
        parts += _apart(batch["labels"], mixed) if mixed else []
        like = zip((*self.channels, *self.masks, *self.mixed), (*channels, *masks, *mixed), parts, strict=True)
        named |= {name: part if name in self.mixed else tf.cast(part, before.dtype) for name, before, part in like}
        return image, named if isinstance(y, Mapping) else named[""]


def _stacked(tensors: Sequence[tf.Tensor], axis: int, rank: int) -> tf.Tensor:
    """Return the tensors side by side, float32, each with an axis more where it has one too few."""
    whole = [each if len(each.shape) == rank else each[..., None] for each in tensors]
    return tf.concat([tf.cast(each, "float32") for each in whole], axis=axis)


def _apart(stacked: tf.Tensor, like: Sequence[tf.Tensor]) -> list[tf.Tensor]:
    """Return what was stacked of tensors `like` these, each of the rank that it had."""
    rank = len(stacked.shape)
    sizes = [int(each.shape[-1]) if len(each.shape) == rank else 1 for each in like]
    parts = tf.split(stacked, sizes, axis=-1)
    return [part if len(each.shape) == rank else part[..., 0] for part, each in zip(parts, like, strict=True)]


def steps_of(
    component: KerasComponent, layer: KerasObject, image: Shape, labels: Mapping[str, Label]
) -> tuple[tuple[Step, ...], dict[str, Label]]:
    """Return what the layer of a component does, and what the labels are after it.

    Args:
        component: Where to point at.
        layer: The layer, built.
        image: Shape of one input before it.
        labels: What is known of the labels before it, by output.

    Raises:
        BuildError: The labels cannot follow.
    """
    steps, after = [], dict(labels)
    for each in layer.layers if type(layer).__name__ == "Pipeline" else [layer]:
        effect = effect_of(each)
        step = _step(component, each, effect, image, after)
        steps.append(step)
        image = tuple(each.compute_output_shape((None, *image)))[1:] if step.follows else image
        moved = {name: after[name] for name in (*step.channels, *step.masks)}
        after |= {name: replace(label, shape=(*image[:2], *label.shape[2:])) for name, label in moved.items()}
    return tuple(steps), after


def effect_of(layer: KerasObject) -> Effect | None:
    """Return what the layer does: a class that is derived from one of Keras's does what that does."""
    for cls in type(layer).__mro__:
        if cls.__module__.startswith("keras.") and cls.__name__ in EFFECTS:
            return EFFECTS[cls.__name__]
    return Effect.PLACES if hasattr(layer, "transform_segmentation_masks") else None


def _step(
    component: KerasComponent, layer: KerasObject, effect: Effect | None, image: Shape, labels: Mapping[str, Label]
) -> Step:
    """Return the layer with the labels that follow it.

    Raises:
        BuildError: They cannot.
    """
    if effect is Effect.BOXES:
        raise build_error(component, f"{component.name} changes bounding boxes, which trainctl does not support")
    if effect in {Effect.VALUES, Effect.READS} or len(image) != 3:
        return Step(layer)
    dense = {name: label for name, label in labels.items() if label.is_dense}
    for name, label in labels.items():
        reason = _reason(component, layer, effect, image, label)
        if reason:
            labeled = f"the labels of '{name}'" if name else "the labels"
            does = "mixes samples" if effect is Effect.MIXES else "moves what is in the images"
            raise build_error(component, f"{component.name} {does}, but {labeled} cannot follow: {reason}")
    if effect is Effect.MIXES:
        return Step(layer, tuple(dense), (), tuple(name for name in labels if name not in dense))
    numbers = tuple(name for name, label in dense.items() if label.are_numbers)
    return Step(layer, numbers, tuple(name for name in dense if name not in numbers))


def _reason(
    component: KerasComponent, layer: KerasObject, effect: Effect | None, image: Shape, label: Label
) -> str | None:
    """Why labels cannot follow a layer that does not only change values; `None` if they can, or need not."""
    name = type(layer).__name__
    if effect is Effect.MIXES and label.are_indices and not (label.is_dense and name == "CutMix"):
        return (
            "they are class indices, of which there is no mean; use categorical_crossentropy, or binary_crossentropy with "
            "one output"
        )
    if not label.is_dense:
        several = label.are_numbers and label.shape and (label.shape[0] or 1) > 1
        if several and effect in {Effect.PLACES, Effect.BOTH, Effect.BLENDS}:
            return (
                f"they are {label.shape[0]} numbers, and if those are coordinates, such as bounding boxes, they would be "
                f"wrong; if they are not, put {component.name} first among model.layers"
            )
        return None
    if effect is None:
        return f"what {component.name} does to them is unknown; give it the method transform_segmentation_masks"
    if effect is Effect.BLENDS:
        return f"{component.name} blends several moved copies, so that a place has no single label"
    if label.are_numbers and effect is Effect.BOTH:
        return "they are numbers, which it would move and recolor; use layers that only move"
    return _misfit(layer, name, image, label)


def _misfit(layer: KerasObject, name: str, image: Shape, label: Label) -> str | None:
    """Why labels of this shape cannot move with images of that one; `None` if they can."""
    if getattr(layer, "data_format", None) == "channels_first":
        return "they follow only with data_format: channels_last"
    same_size = image[:2] == label.shape[:2] or (name in SIZE_FREE and not label.are_numbers)
    if len(label.shape) > 3 or not same_size:
        return (
            f"a label has shape {label.shape}, and an image {image}; masks have the image's height and width, and "
            "bounding boxes are not supported"
        )
    height, width = image[:2]
    if name not in {"RandomCrop", "CenterCrop"} or label.are_numbers:
        return None
    is_smaller = (height or layer.height) < layer.height or (width or layer.width) < layer.width
    return "the image is smaller than the crop, and enlarging it would blend classes" if is_smaller else None


def require_image(component: KerasComponent, layer: KerasObject, value: KerasObject) -> None:
    """Refuse a layer for images where the data has none.

    Raises:
        BuildError: Points at the layer's line.
    """
    is_for_images = hasattr(layer, "transform_images")
    if is_for_images and (len(value.shape) != 4 or value.dtype == "string"):
        shape = tuple(value.shape[1:])
        what = "text" if value.dtype == "string" else f"samples of shape {shape}"
        raise build_error(
            component,
            f"{component.name} is for images of shape (height, width, channels), but the data has {what}",
            hint=f"remove {component.name}",
        )
