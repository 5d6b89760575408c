"""Templates: each is commented, validates without a warning, and trains at once."""

from __future__ import annotations

import pytest
from workplace import Workplace

from trainctl.drafts.templates import TEMPLATES, draft_of_template, stopping_lines
from trainctl.errors import UsageError

WITHOUT_NETWORK = {"transfer": ["-s", "model.layers.MobileNetV2.weights=null", "-s", "data.source.shape=[32, 32, 3]"]}


@pytest.mark.tf
@pytest.mark.usefixtures("no_network")
@pytest.mark.parametrize("name", TEMPLATES)
def test_it_is_commented_and_trains(workplace: Workplace, name: str) -> None:
    assert workplace.call("init", name, "-o", "mine.yaml").exit_code == 0
    text = (workplace.folder / "mine.yaml").read_text()
    assert sum("#" in line for line in text.splitlines()) >= 5
    checked = workplace.call("validate", "mine.yaml")
    assert (checked.exit_code, checked.stderr) == (0, "")
    workplace.train("-s", "fit.epochs=1", "-s", "expect=null", *WITHOUT_NETWORK.get(name, ()), config="mine.yaml")


def test_data_lies_beside_under_the_name_of_the_file() -> None:
    draft = draft_of_template("text", "reviews")
    assert list(draft.files) == ["reviews.csv"]
    assert "path: reviews.csv" in draft.text
    assert "{path: 'a, b: c.csv', label: mood}" in draft_of_template("text", "a, b: c").text


def test_others() -> None:
    with pytest.raises(UsageError, match="no template called 'tabel'") as caught:
        draft_of_template("tabel", "x")
    assert caught.value.hint == "did you mean table?"
    assert stopping_lines()[0] == "callbacks:"
