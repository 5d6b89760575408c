from pathlib import Path

import pytest

from trainctl.catalog.identifiers import snake_case, table
from trainctl.catalog.source import Library

SOURCE = """
from toy.things import TopThing as Renamed
from toy.things import low
ALL_OBJECTS = {Renamed, low}
ALL_OBJECTS_DICT = {cls.__name__: cls for cls in ALL_OBJECTS}
ALL_OBJECTS_DICT.update({to_snake_case(cls.__name__): cls for cls in ALL_OBJECTS})
ALL_OBJECTS_DICT.update({"l": low, "L": low})
ALL_OBJECTS_DICT["down"] = low
"""


def test_every_way_to_fill_the_table_is_read(tmp_path: Path) -> None:
    (tmp_path / "toy.py").write_text(SOURCE)
    assert table(Library(tmp_path), "toy") == {
        "TopThing": "TopThing",
        "top_thing": "TopThing",
        "low": "low",
        "l": "low",
        "L": "low",
        "down": "low",
    }


def test_lower_case_keys(tmp_path: Path) -> None:
    (tmp_path / "toy.py").write_text("ALL_OBJECTS = {AdamW}\nALL_OBJECTS_DICT = {c.__name__.lower(): c for c in ALL}")
    assert table(Library(tmp_path), "toy") == {"adamw": "AdamW"}


def test_no_table_no_identifiers(tmp_path: Path) -> None:
    (tmp_path / "toy.py").write_text("")
    assert table(Library(tmp_path), "toy") == {}
    assert table(Library(tmp_path), "missing") == {}


@pytest.mark.parametrize(
    ("name", "snake"),
    [
        ("MeanIoU", "mean_io_u"),
        ("AUC", "auc"),
        ("L1L2", "l1l2"),
        ("GlorotUniform", "glorot_uniform"),
        ("Conv2D", "conv2d"),
    ],
)
def test_snake_case(name: str, snake: str) -> None:
    assert snake_case(name) == snake
