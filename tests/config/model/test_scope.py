"""What a name means in a list of layers, and the names of layers without one."""

from __future__ import annotations

from trainctl.config.model.graph import Ref
from trainctl.config.model.scope import Named, Scope


def test_made_up_names_count_as_keras_does() -> None:
    scope = Scope("", None, taken={"dense", "conv_1"})
    assert [scope.made_up("dense"), scope.made_up("dense"), scope.made_up("conv"), scope.made_up("conv")] == [
        "dense_1",
        "dense_2",
        "conv",
        "conv_2",
    ]


def test_a_name_a_part_of_an_output_and_a_node_of_a_block() -> None:
    inner = Scope("stage.", None, {"conv": Named(Ref("stage.conv"), "stage.conv")})
    scope = Scope("", None, {"lstm": Named(Ref("lstm"), "lstm"), "stage": Named(Ref("stage.out"), inner=inner)})
    assert scope.find("lstm") == Named(Ref("lstm"), "lstm")
    part = scope.find("lstm.1")
    assert part is not None
    assert part.result == Ref("lstm", (1,))
    within = scope.find("stage.conv")
    assert within is not None
    assert within.result == Ref("stage.conv")


def test_what_nothing_is_called_means_nothing() -> None:
    scope = Scope("", None, {"a": Named(Ref("a"))})
    assert scope.find("b") is None
    assert scope.find("b.1") is None
