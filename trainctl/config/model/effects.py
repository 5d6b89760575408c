"""What each layer of Keras that may be under `data.map` or `data.augment` does, and so what becomes of the labels."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, auto


class Effect(Enum):
    """What a layer does to a sample."""

    VALUES = auto()
    """It changes values where they are, such as colors: labels stay as they are."""
    PLACES = auto()
    """It moves what is in an image: masks and images among the labels must move with it."""
    BOTH = auto()
    """It moves what is in an image and changes its colors, in one step."""
    BLENDS = auto()
    """It adds moved copies of an image to it, so that a place belongs to several."""
    MIXES = auto()
    """It mixes samples of a batch: their labels must be mixed too."""
    BOXES = auto()
    """It changes bounding boxes."""
    READS = auto()
    """It makes numbers of text, categories or sound."""


_VALUES = (
    "AutoContrast Equalization ContrastLimitedAdaptiveHistogramEqualization Normalization RandomBrightness "
    "RandomColorDegeneration RandomColorJitter RandomContrast RandomErasing RandomGaussianBlur RandomGrayscale RandomHue "
    "RandomInvert RandomPosterization RandomSaturation RandomSharpness Rescaling Solarization "
    # Not for preprocessing, but of use there.
    "Activation ActivityRegularization AlphaDropout Dropout ELU GaussianDropout GaussianNoise Identity LeakyReLU ReLU "
    "SpatialDropout2D UnitNormalization"
)
_PLACES = (
    "CenterCrop RandomCrop RandomElasticTransform RandomFlip RandomPerspective RandomRotation RandomShear "
    "RandomTranslation RandomZoom Resizing"
)
_READS = (
    "CategoryEncoding Discretization HashedCrossing Hashing IntegerLookup MelSpectrogram STFTSpectrogram StringLookup "
    "TextVectorization"
)

EFFECTS: Mapping[str, Effect] = {
    **dict.fromkeys(_VALUES.split(), Effect.VALUES),
    **dict.fromkeys(_PLACES.split(), Effect.PLACES),
    **dict.fromkeys(_READS.split(), Effect.READS),
    "RandAugment": Effect.BOTH,
    "AugMix": Effect.BLENDS,
    "CutMix": Effect.MIXES,
    "MixUp": Effect.MIXES,
    "MaxNumBoundingBoxes": Effect.BOXES,
}
"""The effects of Keras's layers by name; of a `Pipeline` those of its layers count."""

SIZE_FREE = frozenset({"RandomFlip"})
"""Layers that move labels of another size than the image's as well."""

RANDOM = frozenset(
    name for name in EFFECTS if name.startswith("Random") or name in {"AugMix", "CutMix", "MixUp", "RandAugment"}
)
"""Layers that do something only while training."""
