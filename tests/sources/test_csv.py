"""CSV: which columns, which types, and the line to mend."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from deciding import decided
from pydantic import ValidationError

from trainctl.components.context import DataContext
from trainctl.components.dataset import ColumnKind, Dataset
from trainctl.errors import DataError
from trainctl.events import Event, Notice
from trainctl.sources.csv import CSV

SHARED = Path(__file__).parents[3] / "shared" / "data"
NUMERIC, CATEGORICAL = ColumnKind.NUMERIC, ColumnKind.CATEGORICAL


def load(path: Path, content: str, events: list[Event] | None = None, **arguments: Any) -> Dataset:
    file = path / "t.csv"
    file.write_text(content, encoding="utf-8")
    spec = CSV.model_validate({"path": str(file), "label": "y", **arguments})
    return spec.load(DataContext(emit=(events if events is not None else []).append))


def test_types_are_inferred(tmp_path: Path) -> None:
    data = load(
        tmp_path,
        "age,town,member,since,nothing,y\n22,Bonn,True,2020-01-02,,0\n +3.5e1 ,,False,2021-05-06,NA,1\n"
        "NaN,Köln,True,2020-01-02,,1\n",
    )
    assert data.columns == {
        "age": NUMERIC,
        "town": CATEGORICAL,
        "member": ColumnKind.BOOLEAN,
        "since": ColumnKind.DATE,
        "nothing": NUMERIC,
    }
    assert isinstance(data.train.x, dict)
    np.testing.assert_array_equal(data.train.x["age"], [22, 35, np.nan])
    assert data.train.x["age"].dtype == np.float64
    assert data.train.x["town"].tolist() == ["Bonn", "", "Köln"]
    assert data.train.x["member"].tolist() == [1, 0, 1]
    assert data.train.x["since"].tolist() == [18263, 18753, 18263]
    assert np.isnan(data.train.x["nothing"]).all()
    assert data.train.y.tolist() == [0, 1, 1]


@pytest.mark.parametrize(
    ("cells", "kind", "expected", "names"),
    [
        (["1", "0", "2"], np.int64, [1, 0, 2], ()),
        (["b", "a", "b"], np.int64, [1, 0, 1], ("a", "b")),
        (["True", "False", "True"], np.int64, [1, 0, 1], ("False", "True")),
        (["1.5", "0", "2"], np.float32, [1.5, 0, 2], ()),
        (["-1", "1", "-1"], np.float32, [-1, 1, -1], ()),
    ],
)
def test_labels(tmp_path: Path, cells: list[str], kind: type, expected: list[float], names: tuple[str, ...]) -> None:
    data = decided(load(tmp_path, "x,y\n" + "".join(f"1,{cell}\n" for cell in cells)))
    assert (data.train.y.dtype, data.train.y.tolist(), data.class_names) == (kind, expected, names)


def test_several_labels_are_numbers(tmp_path: Path) -> None:
    data = decided(load(tmp_path, "x,y,z\n1,2,0.5\n3,4,1.5\n", label=["y", "z"]))
    assert data.train.y.tolist() == [[2, 0.5], [4, 1.5]]
    assert data.train.y.dtype == np.float32
    assert list(data.columns) == ["x"]
    with pytest.raises(DataError, match="several text labels"):
        decided(load(tmp_path, "x,y,z\n1,a,0.5\n3,b,1.5\n", label=["y", "z"]))


def test_rows_without_a_label_are_left_out_with_a_notice(tmp_path: Path) -> None:
    events: list[Event] = []
    data = decided(load(tmp_path, "x,y\n1,a\n2,\n3,b\n4,NA\n", events))
    assert data.train.y.tolist() == [0, 1]
    assert isinstance(data.train.x, dict)
    assert data.train.x["x"].tolist() == [1, 3]
    [notice] = events
    assert isinstance(notice, Notice)
    assert notice.message.endswith("t.csv: 2 rows without label 'y' skipped")
    with pytest.raises(DataError, match="no row has a label in column 'y'"):
        load(tmp_path, "x,y\n1,\n2,\n")


def test_features_are_chosen_and_declared(tmp_path: Path) -> None:
    content = "a,b,c,y\n1,2,x,0\n3,4,z,1\n"
    assert load(tmp_path, content, features=["b", "a"]).columns == {"b": NUMERIC, "a": NUMERIC}
    assert list(load(tmp_path, content, features=["b", "b"]).columns) == ["b"]
    data = load(tmp_path, content, features={"a": "categorical", "c": "categorical"})
    assert data.columns == {"a": CATEGORICAL, "c": CATEGORICAL}
    assert isinstance(data.train.x, dict)
    assert data.train.x["a"].tolist() == ["1", "3"]


def test_missing_and_separator(tmp_path: Path) -> None:
    data = load(tmp_path, "a;y\n1,5;0\n?;1\n", separator=";", missing=["?"], features={"a": "categorical"})
    assert isinstance(data.train.x, dict)
    assert data.train.x["a"].tolist() == ["1,5", ""]


def test_a_column_without_a_name_is_left_out_with_a_notice(tmp_path: Path) -> None:
    events: list[Event] = []
    assert list(load(tmp_path, ",a,y\n0,5,1\n1,6,0\n", events).columns) == ["a"]
    assert [event.message for event in events if isinstance(event, Notice)] == [
        f"{tmp_path}/t.csv: column 1 has no name and is not used"
    ]


@pytest.mark.parametrize(
    ("content", "arguments", "message", "hint"),
    [
        ("age,y\n1,0\n2,0\nabc,1\n", {}, "t.csv:4: column 'age': 'abc' is not a number", "missing:"),
        (
            "age,y\na,0\n2,0\nb,1\n",
            {"features": {"age": "numeric"}},
            "t.csv:2: column 'age': 'a' is not a number",
            "categorical",
        ),
        ("age,y\n1,0\n2,1\n3,oops\n", {}, "t.csv:4: column 'y': 'oops' is not a number", "missing:"),
        ("age,yy\n1,0\n", {}, "t.csv has no column 'y' (label)", "its columns: age, yy"),
        ("age,Survived\n1,0\n", {"label": "survived"}, "no column 'survived' (label)", "did you mean 'Survived'?"),
        ("age,y\n1,0\n", {"features": ["agee"]}, "no column 'agee' (features)", "did you mean 'age'?"),
        ("age;y\n1;0\n", {}, "t.csv has no column 'y' (label)", "is it separated by ';'? Then write separator"),
        ('"age"\t"y"\n1\t0\n', {}, "has no column 'y' (label)", r'separator: "\t"'),
        ("y\n1\n", {}, "no feature columns besides the label", "its columns: y"),
        ("a,a,y\n1,2,3\n", {}, "the column 'a' appears twice", "rename"),
        ("a,y\n", {}, "has a header but no rows", "add rows"),
        ("a,y\n1,0\n2,0\n1e400,1\n", {}, "t.csv:4: column 'a': 1e400 is too large", "the largest number is 3.4e+38"),
        ("a,y\n1,0.5\n2,1e39\n", {}, "t.csv:3: column 'y': 1e39 is too large", "correct the cell"),
        ("a,y\n1,2,3\n", {}, "t.csv:2 has 3 cells, the header has 2", "separator"),
    ],
)
def test_what_is_wrong_and_where(
    tmp_path: Path, content: str, arguments: dict[str, Any], message: str, hint: str
) -> None:
    with pytest.raises(DataError) as caught:
        load(tmp_path, content, **arguments)
    assert message in str(caught.value)
    assert hint in str(caught.value.hint)


def test_paths_in_messages_are_relative_to_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DataError, match=r"^t\.csv:3: column 'a': 'b' is not a number$"):
        load(tmp_path, "a,y\n1,0\nb,1\n2,0\n")


def test_a_label_among_the_features_is_refused() -> None:
    with pytest.raises(ValidationError, match="the label 'y' is also among the features"):
        CSV.model_validate({"path": "t.csv", "label": "y", "features": ["x", "y"]})
    with pytest.raises(ValidationError, match="label must name a column"):
        CSV.model_validate({"path": "t.csv", "label": []})


def test_folders_and_globs(tmp_path: Path) -> None:
    (tmp_path / "b.csv").write_text("y,a\n1,20\n")
    (tmp_path / "a.CSV").write_text("a,y\n10,0\n")
    (tmp_path / "notes.txt").write_text("no table")
    for path in (tmp_path, tmp_path / "[ab].*"):
        data = CSV(path=str(path), label="y").load(DataContext(emit=print))
        assert isinstance(data.train.x, dict)
        assert data.train.x["a"].tolist() == [10, 20]
        assert data.train.y.tolist() == [0, 1]
    (tmp_path / "c.csv").write_text("a,y,z\n1,2,3\n")
    with pytest.raises(DataError, match=r"c\.csv and .*a\.CSV do not have the same columns: .* 'z'"):
        CSV(path=str(tmp_path), label="y").load(DataContext(emit=print))
    with pytest.raises(DataError, match="no file matches"):
        CSV(path=str(tmp_path / "*.tsv"), label="y").load(DataContext(emit=print))
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match=r"empty holds no \.csv file"):
        CSV(path=str(tmp_path / "empty"), label="y").load(DataContext(emit=print))


def test_an_error_in_a_second_file_names_it(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("a,y\n10,0\n11,1\n")
    (tmp_path / "b.csv").write_text("y,a\n1,20\n1,oops\n")
    with pytest.raises(DataError, match=r"b\.csv:3: column 'a': 'oops' is not a number"):
        CSV(path=str(tmp_path), label="y").load(DataContext(emit=print))


@pytest.mark.skipif(not SHARED.is_dir(), reason="../shared/data is not here")
def test_real_tables() -> None:
    titanic = CSV(path=str(SHARED / "titanic.csv"), label="survived").load(DataContext(emit=print))
    assert len(titanic.train) == 891
    assert titanic.columns["age"] is titanic.columns["fare"] is NUMERIC
    assert titanic.columns["deck"] is CATEGORICAL
    assert titanic.columns["adult_male"] is ColumnKind.BOOLEAN
    penguins = decided(CSV(path=str(SHARED / "penguins.csv"), label="species").load(DataContext(emit=print)))
    assert penguins.class_names == ("Adelie", "Chinstrap", "Gentoo")
    assert penguins.columns["body_mass_g"] is NUMERIC


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "utf-8"])
def test_other_encodings(tmp_path: Path, encoding: str, stream: bool) -> None:
    (tmp_path / "t.csv").write_bytes("größe,y\nnaïve,é\ncafé,à\n".encode(encoding))
    spec = CSV.model_validate({"path": str(tmp_path / "t.csv"), "label": "y", "encoding": encoding, "stream": stream})
    data = decided(spec.load(DataContext(emit=print)))
    assert data.train.x["größe"][np.arange(2)].tolist() == ["naïve", "café"]
    assert data.class_names == ("à", "é")


def test_an_encoding_of_two_bytes_is_read_whole(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes("größe,y\n1,é\n2,à\n".encode("utf-16"))
    arguments = {"path": str(tmp_path / "t.csv"), "label": "y", "encoding": "utf-16"}
    assert decided(CSV.model_validate(arguments).load(DataContext(emit=print))).class_names == ("à", "é")
    with pytest.raises(DataError, match="files in UTF-16 cannot be read in blocks"):
        CSV.model_validate({**arguments, "stream": True}).load(DataContext(emit=print))


@pytest.mark.parametrize("stream", [False, True])
def test_another_encoding_is_named_as_a_way_out(tmp_path: Path, stream: bool) -> None:
    (tmp_path / "t.csv").write_bytes("a,y\n1,x\n2,é\n".encode("latin-1"))
    for encoding, name in (("utf-8", "UTF-8"), ("ascii", "ASCII")):
        spec = CSV.model_validate(
            {"path": str(tmp_path / "t.csv"), "label": "y", "encoding": encoding, "stream": stream}
        )
        with pytest.raises(DataError, match=rf"t\.csv:3 is not {name} text") as caught:
            spec.load(DataContext(emit=print))
        assert "encoding: latin-1" in str(caught.value.hint)


@pytest.mark.parametrize("stream", [False, True])
def test_numbers_in_another_spelling(tmp_path: Path, stream: bool) -> None:
    content = "price;share;name;y\n1.234,5;0,37;a,b;1\n-12;1,5;1,5 kg;0\n"
    data = load(tmp_path, content, separator=";", decimal=",", thousands=".", stream=stream)
    assert data.columns == {"price": "numeric", "share": "numeric", "name": "categorical"}
    rows = np.arange(2)
    assert data.train.x["price"][rows].tolist() == [1234.5, -12]
    assert data.train.x["share"][rows].tolist() == [0.37, 1.5]
    assert data.train.x["name"][rows].tolist() == ["a,b", "1,5 kg"]
    with pytest.raises(ValidationError, match="decimal and thousands must differ"):
        CSV.model_validate({"path": "t.csv", "label": "y", "decimal": ",", "thousands": ","})


@pytest.mark.parametrize(
    "cells",
    [
        ["2024-01-01T07:00:00Z", "2024-01-02T00:00:00Z"],
        ["2024-01-01T09:00:00+02:00", "2024-01-01T22:00-0200"],
        ["2024-01-01T07:00", "2024-01-01T23:00:00.000-01"],
        ["2024-01-01 07:00:00+00:00", "2024-01-02"],
    ],
)
def test_dates_with_a_zone(tmp_path: Path, cells: list[str]) -> None:
    data = load(tmp_path, "t,y\n" + "".join(f"{cell},0\n" for cell in cells))
    assert data.columns == {"t": ColumnKind.DATE}
    np.testing.assert_allclose(data.train.x["t"], [19723 + 7 / 24, 19724])


@pytest.mark.parametrize(
    ("cells", "what", "remedy"),
    [
        (["0,37", "1,5", "x"], "numbers with a decimal comma", 'write decimal: "," beside path:'),
        (["900", "1,234.56", "1,000,000"], "numbers with a comma between thousands", 'write thousands: ","'),
        (["1.234,5", "7,25", "3.000.000"], "numbers with a decimal comma and a dot", 'thousands: "."'),
        (["31/01/2024", "01/02/2024", ""], "dates", "write dates: day_first beside path:"),
        (["1.2.24 10:00", "12.2.24 10:00", "x"], "dates", "write dates: day_first or dates: month_first"),
    ],
)
def test_what_looks_like_numbers_or_dates_is_told(tmp_path: Path, cells: list[str], what: str, remedy: str) -> None:
    events: list[Event] = []
    content = "n;c;y\n" + "".join(f"{number};{cell};0\n" for number, cell in enumerate(cells))
    load(tmp_path, content, events, separator=";")
    (told,) = [event.message for event in events if isinstance(event, Notice)]
    assert told.startswith(f"column 'c' looks like {what}")
    assert remedy in told
    load(tmp_path, content, events, separator=";", features={"c": "categorical", "n": "numeric"})
    assert len(events) == 1


def test_other_categories_are_nothing_to_tell(tmp_path: Path) -> None:
    events: list[Event] = []
    load(tmp_path, "c,d,y\nA-1,10:30,x\nB-2,1.2.3.4,z\n1-2,555-1234,x\n", events)
    assert not events


def test_a_label_that_looks_like_a_number_is_told(tmp_path: Path) -> None:
    events: list[Event] = []
    load(tmp_path, "a;y\n1;0,5\n2;1,5\n", events, separator=";")
    (told,) = [event.message for event in events if isinstance(event, Notice)]
    assert told.startswith("column 'y' looks like numbers with a decimal comma")


@pytest.mark.parametrize(
    "setting",
    [
        {"decimal": "-"},
        {"decimal": "é"},
        {"thousands": "1"},
        {"thousands": ";"},
        {"separator": '"'},
        {"separator": "\n"},
    ],
)
def test_characters_that_cannot_stand_there(setting: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        CSV.model_validate({"path": "a.csv", "label": "y", **setting})


@pytest.mark.parametrize("stream", [False, True])
def test_lines_that_are_no_part_of_the_table_and_dates_in_order(tmp_path: Path, stream: bool) -> None:
    content = 'Station "7\n\n# made by x\nday,x,y\n05/06/2020,1,a\n# a pause\n07/06/2020,2,b\n"31/12/2020","3","a"\n'
    told = {"skip": 2, "comment": "#", "dates": "day_first", "stream": stream}
    found = load(tmp_path, content, **told)
    assert [f"{each:g}" for each in found.train.x["day"][np.arange(3)]] == ["18418", "18420", "18627"]
    with pytest.raises(DataError, match=r":7: column 'x': 'two' is not a number"):
        load(tmp_path, content.replace("2,b", "two,b"), **told).train.x["x"][np.arange(3)]
    with pytest.raises(DataError, match=r":7 has 4 cells"):
        load(tmp_path, content.replace("2,b", "2,b,"), **told).train.x["x"][np.arange(3)]
