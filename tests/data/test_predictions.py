"""Predictions for people and for files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from trainctl.data.predictions import Predictions, to_csv, write
from trainctl.errors import RunDirError, UsageError


@pytest.mark.parametrize(
    ("predictions", "csv"),
    [
        (
            Predictions(np.zeros((2, 2)), ("cat", "dog"), (0.5, 1 / 3)),
            "prediction,probability\ncat,0.5\ndog,0.333333\n",
        ),
        (Predictions(np.array([[1.5], [2.0]])), "prediction\n1.5\n2\n"),
        (Predictions(np.array([[1.0, 2.0]])), "output_0,output_1\n1,2\n"),
        (Predictions(np.array([[[1.0, 2.0]]]), number_names=("sales_1", "sales_3")), "sales_1,sales_3\n1,2\n"),
        (Predictions(np.array([[1.0, 2.0]]), number_names=("sales",)), "output_0,output_1\n1,2\n"),
        (Predictions({"a": np.array([[1.0]]), "b": np.array([[2.0, 3.0]])}), "a,b_0,b_1\n1,2,3\n"),
        (Predictions(np.array([[1.0]]), files=("a,b.png",)), 'file,prediction\n"a,b.png",1\n'),
    ],
)
def test_as_csv(predictions: Predictions, csv: str) -> None:
    assert to_csv(predictions) == csv


@pytest.mark.parametrize("values", [np.arange(6.0).reshape(3, 2), {"file": np.ones(3), "b": np.zeros((3, 1))}])
def test_raw_outputs_as_npz_whatever_they_are_called(tmp_path: Path, values: Any) -> None:
    write(Predictions(values), tmp_path / "out.npz")
    with np.load(tmp_path / "out.npz") as found:
        expected = values if isinstance(values, dict) else {"output": values}
        assert {name: found[name].tolist() for name in found} == {
            name: each.tolist() for name, each in expected.items()
        }


def test_one_output_as_npy(tmp_path: Path) -> None:
    write(Predictions(np.arange(3.0)), tmp_path / "out.npy")
    assert np.load(tmp_path / "out.npy").tolist() == [0, 1, 2]
    with pytest.raises(UsageError):
        write(Predictions({"a": np.zeros(1), "b": np.zeros(1)}), tmp_path / "two.npy")
    assert not (tmp_path / "two.npy").exists()


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(RunDirError, match="cannot write"):
        write(Predictions(np.zeros(1)), tmp_path / "file" / "out.csv")


def test_masks_are_images_of_class_indices(tmp_path: Path) -> None:
    masks = np.array([[[0, 1]], [[2, 0]]])
    write(Predictions(np.zeros((2, 1, 2, 3)), files=("x/a.jpg", "b.png"), masks=masks), tmp_path / "masks")
    assert sorted(file.name for file in (tmp_path / "masks").iterdir()) == ["a.png", "b.png"]
    with Image.open(tmp_path / "masks" / "b.png") as image:
        assert np.asarray(image).tolist() == [[2, 0]]
        assert image.mode == "P"
    write(Predictions(np.zeros((1, 1, 2, 3)), masks=np.array([[[0, 700]]])), tmp_path / "deep")
    with Image.open(tmp_path / "deep" / "0.png") as image:
        assert np.asarray(image).tolist() == [[0, 700]]
    with pytest.raises(UsageError, match="the model predicts none"):
        write(Predictions(np.zeros((1, 2))), tmp_path / "masks")
    with pytest.raises(UsageError, match="two images are named a"):
        write(Predictions(masks, files=("x/a.jpg", "y/a.jpg"), masks=masks), tmp_path / "masks")
