import pytest

pytestmark = pytest.mark.tf


def test_nodes_of_a_model_within_a_model_and_of_one_in_code() -> None:
    from trainctl.backend import keras
    from trainctl.models.summary import list_nodes

    inner = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2, name="dense")], name="inner")
    outer = keras.Sequential([keras.Input((4,)), inner, keras.layers.Dense(1, name="last", trainable=False)])
    nodes, count = list_nodes(outer)
    known = {(*each["within"], each["name"]): each for each in nodes}
    assert count == len(nodes)
    assert known["inner", "dense"]["parameters"] == 10
    assert (known["last",]["shape"], known["last",]["trainable"], known["last",]["layer"]) == ([1], 0, "Dense")

    class Own(keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.own = keras.layers.Dense(2)

        def call(self, x):
            return self.own(x)

    (node,), _ = list_nodes(Own())
    assert (node["shape"], node["parameters"]) == (None, 0)
