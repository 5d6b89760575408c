"""Text to tree: places, anchors, limits. The words for what is not YAML are in tests/golden."""

from collections.abc import Callable
from pathlib import Path

import pytest

from trainctl import limits
from trainctl.config.text.nodes import Node
from trainctl.errors import ConfigError

Tree = Callable[[str], Node]


def codes(tree: Tree, text: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        tree(text)
    return [problem.code for problem in caught.value.diagnostics]


def test_every_value_and_key_knows_its_place(tree: Tree) -> None:
    root = tree("fit:\n  epochs: 10\nlayers:\n  - Dense: {units: 3}\n")
    epochs = root.value["fit"].value["epochs"]
    assert (str(epochs.location), epochs.location.length) == ("experiment.yaml:2:11", 2)
    assert str(root.value["fit"].keys["epochs"]) == "experiment.yaml:2:3"
    units = root.value["layers"].value[0].value["Dense"].value["units"]
    assert str(units.location) == "experiment.yaml:4:20"


def test_quoted_scalars_are_text(tree: Tree) -> None:
    assert tree("a: \"1\"\nb: '2'\nc: 3\n").plain() == {"a": "1", "b": "2", "c": 3}


def test_block_text_keeps_its_lines(tree: Tree) -> None:
    assert tree("a: |\n  one\n  two\nb: >\n  one\n  two\n").plain() == {"a": "one\ntwo\n", "b": "one two\n"}


def test_a_key_is_text_as_it_is_written(tree: Tree) -> None:
    assert tree("1: a\ntrue: b\n").plain() == {"1": "a", "true": "b"}


def test_aliases_repeat_a_value(tree: Tree) -> None:
    assert tree("a: &x {units: 3}\nb: *x\nc: [*x, *x]\n").plain()["c"] == [{"units": 3}, {"units": 3}]


def test_merge_keys_yield_to_the_keys_beside_them(tree: Tree) -> None:
    text = "a: &a {x: 1, y: 1}\nb: &b {y: 2, z: 2}\nc:\n  z: 3\n  <<: [*a, *b]\n"
    assert tree(text).plain()["c"] == {"x": 1, "y": 1, "z": 3}


def test_a_merged_key_keeps_its_place(tree: Tree) -> None:
    merged = tree("a: &a\n  x: 1\nb:\n  <<: *a\n").value["b"]
    assert str(merged.keys["x"]) == "experiment.yaml:2:3"


def test_a_merged_key_is_no_duplicate(tree: Tree) -> None:
    assert tree("a: &a {x: 1}\nb:\n  <<: *a\n  x: 2\n").plain()["b"] == {"x": 2}


def test_a_duplicate_is_found_in_flow_mappings_too(tree: Tree) -> None:
    assert codes(tree, "a: {x: 1, x: 2}\n") == ["duplicate-key"]


def test_all_problems_of_a_text_are_reported_together(tree: Tree) -> None:
    assert codes(tree, "a: !!int 1\nb: !x 2\na: 3\nc: *nothing\n") == ["tag", "tag", "duplicate-key", "unknown-alias"]


@pytest.mark.parametrize("text", ["? [1, 2]\n: 3\n", "{[1]: 2}\n", "a:\n  {x: 1}: 2\n"])
def test_a_key_that_is_no_text_is_refused(tree: Tree, text: str) -> None:
    assert codes(tree, text) == ["key-not-text"]


def test_depth_is_bounded_exactly(tree: Tree) -> None:
    assert tree("[" * limits.DEPTH + "]" * limits.DEPTH).is_list
    assert codes(tree, "[" * (limits.DEPTH + 1) + "]" * (limits.DEPTH + 1)) == ["too-deep"]


def test_depth_is_bounded_in_blocks_too(tree: Tree) -> None:
    assert codes(tree, "".join(f"{' ' * level}k:\n" for level in range(2000))) == ["too-deep"]


def test_the_size_behind_aliases_is_bounded(tree: Tree) -> None:
    hundred = f"[{', '.join('x' * 100)}]"
    lists = ", ".join(["*a"] * (limits.VALUES // 100 + 1))
    assert codes(tree, f"a: &a {hundred}\nb: [{lists}]\n") == ["too-large"]


def test_an_alias_within_its_own_anchor_does_not_recurse(tree: Tree) -> None:
    assert codes(tree, "a: &a [*a]\n") == ["unknown-alias"]


@pytest.mark.parametrize("text", ["", "\n\n", "# nothing\n", "---\n", "null\n", "~\n"])
def test_nothing_is_an_empty_file(tree: Tree, text: str) -> None:
    assert codes(tree, text) == ["empty-file"]


@pytest.mark.parametrize("text", ["a: 1\n---\nb: 2\n", "a: 1\n...\n---\nb: 2\n"])
def test_one_file_holds_one_experiment(tree: Tree, text: str) -> None:
    assert codes(tree, text) == ["several-documents"]


@pytest.mark.parametrize("text", ["---\na: 1\n", "%YAML 1.2\n---\na: 1\n", "a: 1\n...\n", "a: 1\r\n"])
def test_markers_and_line_ends_do_no_harm(tree: Tree, text: str) -> None:
    assert tree(text).plain() == {"a": 1}


def test_python_in_a_tag_is_never_run(tree: Tree, tmp_path: Path) -> None:
    assert codes(tree, f"a: !!python/object/apply:os.mkdir ['{tmp_path}/made']\n") == ["tag"]
    assert not (tmp_path / "made").exists()
