"""New rows: typed files, texts in a column."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from trainctl.components.data_schema import DataSchema
from trainctl.components.dataset import ColumnKind
from trainctl.components.new_inputs import ModelInput, NewFiles
from trainctl.errors import DataError
from trainctl.sources.csv import CSV
from trainctl.sources.parquet import Parquet
from trainctl.sources.table.input_names import inputs_by_column
from trainctl.sources.table.new_rows import read_rows

SOURCE = CSV(path="x.csv", label="label", separator=";")


def model_of(dtype: str = "float32", *names: str, shape: tuple[int, ...] = (1,)) -> tuple[ModelInput, ...]:
    return tuple(ModelInput(name, shape, dtype) for name in names)


def rows(inputs: tuple[ModelInput, ...], files: list[Path], source: CSV, known: DataSchema) -> Any:
    reader = source if files[0].suffix != ".parquet" else Parquet(path="x", label="label")
    return read_rows(reader, NewFiles(tuple(files), inputs, known))


@pytest.fixture
def write(tmp_path: Path) -> Any:
    def file(**columns: Any) -> Path:
        parquet.write_table(pa.table(columns), tmp_path / "new.parquet")
        return tmp_path / "new.parquet"

    return file


def recorded(**kinds: str) -> DataSchema:
    return DataSchema({name: ColumnKind(kind) for name, kind in kinds.items()})


def test_a_parquet_file_for_a_run_on_csv(write: Any) -> None:
    file = write(age=[22, None], new=[True, False], other=["x", "y"])
    found = rows(model_of("float32", "age", "new"), [file], SOURCE, recorded(age="numeric", new="boolean"))
    assert found["age"][0].tolist() == [22]
    assert found["age"][1] != found["age"][1]
    assert found["new"].tolist() == [[1], [0]]
    words = rows(model_of("string", "other", "age"), [file], SOURCE, recorded(other="categorical"))
    assert words["age"].tolist() == [["22"], [""]]


def test_a_column_of_another_type_than_in_training(write: Any) -> None:
    with pytest.raises(DataError, match=r"column 'day' is numeric \(int64\), but it was date in training"):
        rows(model_of("float32", "day", "age"), [write(day=[1], age=[2])], SOURCE, recorded(day="date"))


@pytest.mark.parametrize("header", ["words", "id;text"])
def test_a_column_of_texts(tmp_path: Path, header: str) -> None:
    (tmp_path / "new.csv").write_text(f"{header}\n{'1;' if ';' in header else ''}good, very good\n")
    assert rows(model_of("string", "input", shape=()), [tmp_path / "new.csv"], SOURCE, DataSchema()).tolist() == [
        "good, very good"
    ]


def test_which_column_is_the_text(tmp_path: Path) -> None:
    (tmp_path / "new.csv").write_text("id;body\n1;good\n")
    with pytest.raises(DataError, match="has the columns id and body; which is the text"):
        rows(model_of("string", "input", shape=()), [tmp_path / "new.csv"], SOURCE, DataSchema())


def test_several_files_are_one_table(tmp_path: Path) -> None:
    for number in (1, 2):
        (tmp_path / f"{number}.csv").write_text(f"a;b\n{number};0\n")
    files = [tmp_path / "1.csv", tmp_path / "2.csv"]
    assert rows(model_of("float32", "input", shape=(2,)), files, SOURCE, DataSchema()).tolist() == [[1, 0], [2, 0]]


def test_cells_that_stand_apart_by_another_character(tmp_path: Path) -> None:
    (tmp_path / "new.csv").write_text("age,town\n1,Bonn\n")
    with pytest.raises(DataError) as caught:
        rows(model_of("string", "age", "town"), [tmp_path / "new.csv"], SOURCE, DataSchema())
    assert caught.value.hint == "separate the cells with ';', as in training; the file seems to use ','"


def test_the_only_column_of_a_table_is_called_as_in_training(tmp_path: Path) -> None:
    (tmp_path / "new.csv").write_text("weight\n1\n")
    with pytest.raises(DataError, match="has no column 'height'"):
        rows(model_of("float32", "height"), [tmp_path / "new.csv"], SOURCE, recorded(height="numeric"))


def test_a_column_with_a_slash(tmp_path: Path) -> None:
    (tmp_path / "new.csv").write_text("km/h;label\n30;slow\n")
    known = recorded(**{"km/h": "numeric"})
    assert rows(model_of("float32", "km_h"), [tmp_path / "new.csv"], SOURCE, known)["km_h"].tolist() == [[30]]
    (tmp_path / "new.csv").write_text("label\nslow\n")
    with pytest.raises(DataError, match="has no column 'km/h'"):
        rows(model_of("float32", "km_h"), [tmp_path / "new.csv"], SOURCE, known)


@pytest.mark.parametrize("header", ["a/b;a_b", "a_b;a/b"])
def test_columns_that_differ_by_a_slash(tmp_path: Path, header: str) -> None:
    (tmp_path / "new.csv").write_text("a_b;a/b\n1;2\n")  # in another order than in training
    names = header.split(";")
    encoder = inputs_by_column(names)
    found = rows(
        model_of("float32", *encoder.values()),
        [tmp_path / "new.csv"],
        SOURCE,
        recorded(**dict.fromkeys(names, "numeric")),
    )
    assert {name: found[encoder[name]].tolist() for name in names} == {"a_b": [[1]], "a/b": [[2]]}


def test_a_column_that_the_model_itself_names(tmp_path: Path) -> None:
    (tmp_path / "new.csv").write_text("a/b;a_b\n1;2\n")
    known = recorded(**{"a/b": "numeric", "a_b": "numeric"})
    assert rows(model_of("float32", "a_b"), [tmp_path / "new.csv"], SOURCE, known)["a_b"].tolist() == [[2]]


def test_an_input_with_a_name_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "new.csv").write_text("Adult Male;Age\n1;2\n")
    known = DataSchema(
        {"Age": ColumnKind.NUMERIC, "Adult Male": ColumnKind.NUMERIC},
        input_names={"age": "Age", "adult": "Adult Male"},
    )
    found = rows(model_of("float32", "age", "adult"), [tmp_path / "new.csv"], SOURCE, known)
    assert {name: values.tolist() for name, values in found.items()} == {"age": [[2]], "adult": [[1]]}
    (tmp_path / "new.csv").write_text("age;adult\n1;2\n")
    with pytest.raises(DataError, match="has no column 'Age'"):
        rows(model_of("float32", "age", "adult"), [tmp_path / "new.csv"], SOURCE, known)
