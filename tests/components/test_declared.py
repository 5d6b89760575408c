"""What a callback's class declares, or the Keras class that it derives from."""

from __future__ import annotations

import pytest

from trainctl.components.declared import DECLARATIONS, declared, state_attributes
from trainctl.components.spec import CallbackSpec

pytestmark = pytest.mark.tf


def test_a_class_of_a_person_s_own_declares_for_itself() -> None:
    import keras

    class Mine(keras.callbacks.Callback):
        may_stop = True

    assert declared(Mine, "may_stop") is True
    assert [name for name in DECLARATIONS if name != "may_stop" and declared(Mine, name)] == []


def test_what_derives_from_keras_declares_what_its_spec_does() -> None:
    import keras

    class Mine(keras.callbacks.EarlyStopping):
        state_attributes = ("mine",)

    assert declared(Mine, "may_stop") is True
    assert set(state_attributes(Mine)) > {"mine"}
    assert set(state_attributes(keras.callbacks.EarlyStopping)) == set(state_attributes(Mine)) - {"mine"}


def test_every_declaration_is_one_of_a_spec() -> None:
    assert [name for name in DECLARATIONS if not isinstance(getattr(CallbackSpec, name), bool)] == []
