"""The one suffix that Keras 3 takes for a model, the one for weights, and what is written instead of all others."""

from __future__ import annotations

import pytest
import yaml

from trainctl.components.callbacks.shared.model_files import quoted, wrong_suffix


@pytest.mark.parametrize(
    ("path", "weights", "instead"),
    [
        ("m.h5", False, "m.keras"),
        ("m.hdf5", False, "m.keras"),
        ("m.ckpt", False, "m.keras"),
        ("m.tf", False, "m.keras"),
        ("m", False, "m.keras"),
        ("m-{val_loss:.2f}", False, "m-{val_loss:.2f}.keras"),
        ("m.v2", False, "m.v2.keras"),
        ("m.weights.h5", False, "m.keras"),
        ("m.keras", True, "m.weights.h5"),
        ("m.h5", True, "m.weights.h5"),
        ("m.weights", True, "m.weights.h5"),
        ("a.b/m.hdf5", True, "a.b/m.weights.h5"),
    ],
)
def test_another_suffix_is_refused_with_the_right_one(path: str, weights: bool, instead: str) -> None:
    found = wrong_suffix(path, weights=weights)
    assert found is not None
    assert found[0].endswith(f"got '{path}'")
    assert found[1] == instead
    assert wrong_suffix(instead, weights=weights) is None


@pytest.mark.parametrize("path", ["m.h5", "m.hdf5"])
def test_why_a_whole_model_is_no_hdf5_file(path: str) -> None:
    found = wrong_suffix(path, weights=False)
    assert found is not None
    assert "loses the optimizer" in found[0]
    assert "loses" not in (wrong_suffix(path, weights=True) or ("",))[0]


@pytest.mark.parametrize("path", ["m.keras", "a/m-1.keras", "~/m.keras", "m-{epoch}.keras", "a b.keras", "a, b.keras"])
def test_a_path_is_quoted_where_yaml_wants_it(path: str) -> None:
    assert yaml.safe_load(f"{{filepath: {quoted(path)}}}") == {"filepath": path}
