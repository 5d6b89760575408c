"""What layers take when they are called, read from Keras's source."""

from __future__ import annotations

from trainctl.catalog import call_signature, hands_mask_on


def test_required_arguments_and_defaults() -> None:
    attention, dropout = call_signature("MultiHeadAttention"), call_signature("Dropout")
    assert attention is not None
    assert dropout is not None
    assert (attention.names[:2], attention.required) == (("query", "value"), 2)
    assert dropout.defaults == {"training": False}
    assert call_signature("NoSuchLayer") is None


def test_layers_that_hand_a_mask_on() -> None:
    assert all(map(hands_mask_on, ("Dense", "Dropout", "LayerNormalization")))
    assert not any(map(hands_mask_on, ("LSTM", "Conv2D", "Flatten", "GlobalAveragePooling1D")))
