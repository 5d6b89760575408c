"""Lists of layers are unrolled: who takes what, under which name, with which values; and what is wrong is said once."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from graphs import experiment

from trainctl.config.model.graph import GraphNode, Ref
from trainctl.diagnostics import Diagnostic
from trainctl.errors import ConfigError


def nodes(folder: Path, model: str) -> dict[str, GraphNode]:
    return {node.name: node for node in experiment(folder, model).model.layers}


def wiring(folder: Path, model: str) -> dict[str, Any]:
    """Each node with what it takes."""

    def shown(takes: Any) -> Any:
        return str(takes) if isinstance(takes, Ref) else [str(each) for each in takes]

    return {name: shown(node.takes) for name, node in nodes(folder, model).items()}


def arguments(node: GraphNode) -> Mapping[str, Any]:
    found: Mapping[str, Any] = node.component.arguments
    return found


def problems(folder: Path, model: str) -> tuple[Diagnostic, ...]:
    with pytest.raises(ConfigError) as caught:
        experiment(folder, model)
    return caught.value.diagnostics


def test_a_layer_takes_the_one_above_and_the_first_the_input(tmp_path: Path) -> None:
    assert wiring(tmp_path, "layers: [Flatten, Dropout: {rate: 0.1}, Flatten: {name: last}]") == {
        "flatten": "input",
        "dropout": "flatten",
        "last": "dropout",
    }


def test_from_names_one_or_several(tmp_path: Path) -> None:
    model = """
        layers:
          - Dense: {units: 2, name: a}
          - Dense: {units: 2, name: b}
            from: input
          - Add:
            from: [a, b]
    """
    assert wiring(tmp_path, model) == {"a": "input", "b": "input", "add": ["a", "b"]}


def test_several_inputs_are_named_where_they_are_taken(tmp_path: Path) -> None:
    model = "inputs: [left, right]\nlayers:\n  - Concatenate:\n    from: [left, right]\n  - Flatten"
    assert wiring(tmp_path, model) == {"concatenate": ["left", "right"], "flatten": "concatenate"}
    [problem] = problems(tmp_path, "inputs: [left, right]\nlayers: [Flatten]")
    assert (problem.code, problem.hint) == ("which-input", "add beside it: from: left")


def test_automatic_names_count_as_keras_does_and_leave_written_ones(tmp_path: Path) -> None:
    model = "layers: [Flatten, Flatten, Flatten: {name: flatten_1}, Flatten]"
    assert list(nodes(tmp_path, model)) == ["flatten", "flatten_2", "flatten_1", "flatten_3"]


def test_repeat_chains_and_counts(tmp_path: Path) -> None:
    model = """
        layers:
          - Dense: {units: 4, name: wide}
            repeat: 3
          - Dense: {units: 1}
            from: wide
    """
    assert wiring(tmp_path, model) == {
        "wide_0": "input",
        "wide_1": "wide_0",
        "wide_2": "wide_1",
        "dense": "wide_2",
    }


def test_only_the_first_repetition_takes_from_elsewhere(tmp_path: Path) -> None:
    model = (
        "layers:\n  - Flatten: {name: a}\n  - Flatten: {name: b}\n  - Dense: {units: 1}\n    from: a\n    repeat: 2\n"
    )
    assert wiring(tmp_path, model)["dense_0"] == "a"
    assert wiring(tmp_path, model)["dense_1"] == "dense_0"


def test_each_repetition_takes_what_its_own_value_names(tmp_path: Path) -> None:
    model = """
        inputs: [left, right]
        layers:
          - Dense: {units: 1, name: side}
            from: "${repeat.value}"
            repeat: [left, right]
          - layers: [Concatenate]
            from: ["${repeat.value}", side_0]
            repeat: [side_1, right]
    """
    found = wiring(tmp_path, model)
    assert (found["side_0"], found["side_1"]) == ("left", "right")
    joined = [takes for name, takes in found.items() if "concatenate" in name]
    assert joined == [["side_1", "side_0"], ["right", "side_0"]]


def test_each_repetition_has_its_index_and_value(tmp_path: Path) -> None:
    model = """
        layers:
          - Dense: {units: "${repeat.value}"}
            repeat: [8, 4]
          - Reshape: {target_shape: ["${repeat.index}", 4]}
            repeat: 2
    """
    found = nodes(tmp_path, model)
    assert [arguments(found[name])["units"] for name in ("dense_0", "dense_1")] == [8, 4]
    assert [arguments(found[name])["target_shape"] for name in ("reshape_0", "reshape_1")] == [[0, 4], [1, 4]]


def test_values_of_a_repeat_may_be_mappings(tmp_path: Path) -> None:
    model = """
        layers:
          - Conv2D: {filters: "${repeat.value.filters}", kernel_size: 3, padding: "${repeat.value.padding}"}
            repeat: [{filters: 8, padding: same}, {filters: 4, padding: valid}]
    """
    assert arguments(nodes(tmp_path, model)["conv2d_1"])["padding"] == "valid"


BLOCK = """
blocks:
  unit:
    params: {units: , rate: 0.5}
    layers:
      - Dense: {units: "${params.units}", name: inner}
      - Dropout: {rate: "${params.rate}"}
layers:
"""


def test_a_block_is_its_layers_with_the_values_of_its_use(tmp_path: Path) -> None:
    found = nodes(tmp_path, BLOCK + "  - unit: {units: 4}\n  - unit: {units: 8, rate: 0.1, name: second}\n")
    assert list(found) == ["unit.inner", "unit.dropout", "second.inner", "second.dropout"]
    assert (arguments(found["unit.inner"])["units"], arguments(found["unit.dropout"])["rate"]) == (4, 0.5)
    assert (arguments(found["second.inner"])["units"], arguments(found["second.dropout"])["rate"]) == (8, 0.1)
    assert found["second.inner"].takes == Ref("unit.dropout")


def test_what_is_in_a_block_is_reached_by_a_dot(tmp_path: Path) -> None:
    found = wiring(tmp_path, BLOCK + "  - unit: {units: 4, name: a}\n  - Add:\n    from: [a.inner, a]\n")
    assert found["add"] == ["a.inner", "a.dropout"]


def test_a_block_repeats_and_its_name_means_the_last(tmp_path: Path) -> None:
    text = '  - unit: {units: "${repeat.value}", name: stage}\n    repeat: [4, 8]\n  - Flatten:\n    from: stage\n'
    found = wiring(tmp_path, BLOCK + text)
    assert found["stage_1.inner"] == "stage_0.dropout"
    assert found["flatten"] == "stage_1.dropout"


def test_a_block_that_is_given_several_names_them_by_index(tmp_path: Path) -> None:
    model = """
        blocks:
          join:
            layers:
              - Concatenate:
                from: [input.1, input.0]
        layers:
          - Flatten: {name: a}
          - Flatten: {name: b}
          - join:
            from: [a, b]
    """
    assert wiring(tmp_path, model)["join.concatenate"] == ["b", "a"]


def test_blocks_may_use_blocks(tmp_path: Path) -> None:
    model = """
        blocks:
          outer: {params: {n: 2}, layers: [{inner: {n: "${params.n}"}}, Flatten]}
          inner: {params: {n: 1}, layers: [{Dense: {units: "${params.n}"}}]}
        layers: [{outer: {n: 7}}]
    """
    found = nodes(tmp_path, model)
    assert list(found) == ["outer.inner.dense", "outer.flatten"]
    assert arguments(found["outer.inner.dense"])["units"] == 7


def test_a_group_is_repeated_as_one(tmp_path: Path) -> None:
    model = "layers:\n  - layers: [Flatten, {Dense: {units: 2}}]\n    repeat: 2\n"
    assert wiring(tmp_path, model) == {
        "group_0.flatten": "input",
        "group_0.dense": "group_0.flatten",
        "group_1.flatten": "group_0.dense",
        "group_1.dense": "group_1.flatten",
    }


def test_names_in_a_plain_group_are_those_of_the_list_around_it(tmp_path: Path) -> None:
    model = """
        layers:
          - layers:
              - Dense: {units: 2, name: a}
              - Dense: {units: 2}
          - Add:
            from: [a, dense]
    """
    assert wiring(tmp_path, model)["add"] == ["a", "dense"]


def test_a_residual_branch_ends_in_a_sum_which_its_name_means(tmp_path: Path) -> None:
    model = "layers:\n  - Dense: {units: 2, name: a}\n    residual: true\n  - Flatten:\n    from: a\n"
    assert wiring(tmp_path, model) == {"a": "input", "a.add": ["a", "input"], "flatten": "a.add"}
    plain = model.replace("true", "false")
    assert wiring(tmp_path, plain) == {"a": "input", "flatten": "a"}


def test_reuse_calls_the_layer_again(tmp_path: Path) -> None:
    model = """
        inputs: [x, y]
        layers:
          - Dense: {units: 2, name: encoder}
            from: x
          - reuse: encoder
            from: y
            name: other
          - Add:
            from: [encoder, other]
    """
    found = nodes(tmp_path, model)
    assert (found["other"].reuse, found["other"].component, str(found["other"].takes)) == ("encoder", None, "y")


def test_call_arguments_name_nodes_and_keep_other_values(tmp_path: Path) -> None:
    model = """
        layers:
          - LSTM: {units: 2, return_state: true, name: first}
          - LSTM: {units: 2, name: second}
            from: input
            call: {initial_state: [first.1, first.2], training: false}
    """
    assert nodes(tmp_path, model)["second"].call == {
        "initial_state": [Ref("first", (1,)), Ref("first", (2,))],
        "training": False,
    }


def test_a_model_within_the_model_is_one_node(tmp_path: Path) -> None:
    model = BLOCK + "  - Model: {name: m, layers: [{unit: {units: 2}}, Flatten], trainable: false}\n  - Flatten\n"
    found = nodes(tmp_path, model)
    assert list(found) == ["m", "flatten"]
    assert [node.name for node in found["m"].component.layers] == ["unit.inner", "unit.dropout", "flatten"]


def test_outputs_are_a_list_or_named_otherwise(tmp_path: Path) -> None:
    layers = "layers: [Flatten: {name: a}, Flatten: {name: b}]\n"
    assert experiment(tmp_path, layers + "outputs: [a, b]").model.outputs == {"a": Ref("a"), "b": Ref("b")}
    assert experiment(tmp_path, layers + "outputs: {c: a, d: b}").model.outputs == {"c": Ref("a"), "d": Ref("b")}


@pytest.mark.parametrize(
    ("model", "code", "message", "hint"),
    [
        (
            "layers:\n  - Flatten:\n    from: imput",
            "unknown-node",
            "there is no node called 'imput' above",
            "did you mean 'input'?",
        ),
        (
            "layers:\n  - Flatten:\n    from: z\n  - Flatten: {name: z}",
            "unknown-node",
            "'z' is defined further down; a layer can only use the nodes above it",
            "swap the two",
        ),
        ("layers:\n  - Flatten:\n    from: []", "wrong-type", "from must name a node", None),
        (
            "layers: [Flatten: {name: a}, Flatten: {name: a}]",
            "duplicate-name",
            "two nodes are called 'a'",
            "rename one of them",
        ),
        ("layers: [Flatten: {name: A}]", "wrong-value", "'A' is not a valid node name", None),
        (
            "layers:\n  - Flatten:\n    form: input",
            "unknown-key",
            "'form' is beside Flatten, not among its arguments",
            "did you mean 'from'?",
        ),
        (
            "layers:\n  - Flatten:\n    repeat: 0",
            "wrong-type",
            "repeat must be an integer of at least 1 or a list, got 0",
            None,
        ),
        (
            "layers:\n  - Flatten:\n    repeat: 1000000000",
            "too-large",
            "blocks and repeats expand to more than 5,000 layers",
            "lower a repeat: value",
        ),
        (
            "layers:\n  - Flatten:\n    freeze: true",
            "unknown-key",
            "freeze is only allowed beside a backbone, Saved or Model",
            "set trainable: false in the layer's arguments",
        ),
        (
            "layers:\n  - Flatten:\n    residual: 1",
            "wrong-type",
            "residual must be true, false or a mapping, got 1",
            None,
        ),
        ("layers:\n  - Flatten:\n    call: [training]", "wrong-type", "call must hold arguments by name", None),
        ("layers:\n  - reuse: a", "unknown-node", "there is no node called 'a' above", "the nodes above are input"),
        (
            "layers: [Input: {shape: [4]}, Flatten]",
            "input-layer",
            "Input is not needed among the layers: the input shape comes from the data",
            "remove it; to name an input or set its shape, add under model: inputs: {image: {shape: [4]}}",
        ),
        (
            "layers: [Op: {op: meen}]",
            "unknown-op",
            "keras.ops has no function 'meen'",
            "did you mean 'mean'? See: trainctl list ops",
        ),
        (
            "layers: [Op: {op: extract_patches, size: 4}]",
            "unknown-op",
            "keras.ops has no function 'extract_patches'",
            "did you mean 'image.extract_patches'? See: trainctl list ops",
        ),
        (
            "layers: [Op: {op: mean, axes: 1}]",
            "unknown-argument",
            "mean has no argument 'axes'",
            "did you mean 'axis'? See: trainctl describe mean",
        ),
        (
            "layers: [Op]",
            "missing-argument",
            "Op needs the argument 'op'",
            "write: Op: {op: mean, axis: 1}. See: trainctl list ops",
        ),
        ("layers: [Saved]", "wrong-value", "Saved needs exactly one of path and run", None),
        (
            'layers: [Dense: {units: "${params.n}"}]',
            "unknown-reference",
            "${params.n} can only be used in a block",
            "define values for the whole file under vars",
        ),
        (
            'layers: [Dense: {units: "${repeat.index}"}]',
            "unknown-reference",
            "${repeat.index} can only be used under repeat:",
            "define values for the whole file under vars",
        ),
        ("inputs: 5\nlayers: [Flatten]", "wrong-type", "inputs must name the model's inputs", None),
        ("inputs: {a: {size: 3}}\nlayers: [Flatten]", "unknown-key", "'model.inputs.a' has no key 'size'", None),
        (
            "layers: [Flatten]\noutputs: [flaten]",
            "unknown-node",
            "there is no node called 'flaten' above",
            "did you mean 'flatten'?",
        ),
        ("layers: []", "missing-layers", None, None),
        (
            "blocks: {unit: {layers: [unit]}}\nlayers: [unit]",
            "block-circle",
            "blocks use each other in a cycle: unit → unit",
            "remove one of these uses",
        ),
        (
            "blocks: {repeat: {layers: [Flatten]}}\nlayers: [Flatten]",
            "reserved-name",
            "'repeat' is a reserved word and cannot name a block",
            "choose another name",
        ),
        ("blocks: {unit: {params: {}}}\nlayers: [Flatten]", "wrong-type", "the block unit has no layers", None),
        (BLOCK + "  - unit", "missing-argument", "the block unit needs 'units'", "write: unit: {units: …}"),
        (
            BLOCK + "  - unit: {units: 1, raet: 2}",
            "unknown-argument",
            "the block unit has no parameter 'raet'",
            "did you mean 'rate'?",
        ),
        (BLOCK + "  - unti: {units: 1}", "unknown-block", "there is no block called 'unti'", "did you mean 'unit'?"),
        (
            BLOCK + "  - unit: {units: 1, name: u}\n  - reuse: u",
            "not-a-layer",
            "'u' is several layers and cannot be reused",
            "wrap them in a model: Model: {name: …, layers: […]}",
        ),
    ],
)
def test_what_is_wrong_is_said_once(
    tmp_path: Path, model: str, code: str, message: str | None, hint: str | None
) -> None:
    [problem] = problems(tmp_path, model)
    assert problem.code == code or code == "missing-layers"
    assert message is None or problem.message == message
    assert hint is None or problem.hint == hint
    assert problem.location is not None


def test_a_mistake_in_a_block_is_said_once_however_often_it_is_used(tmp_path: Path) -> None:
    text = BLOCK.replace("name: inner", "nmae: inner") + "  - unit: {units: 1}\n    repeat: 5\n  - unit: {units: 2}\n"
    [problem] = problems(tmp_path, text)
    assert problem.message == "Dense has no argument 'nmae'"
    assert problem.location is not None
    assert "nmae" in problem.location.source.line(problem.location.line)


def test_from_holds_in_every_round_and_its_first_node_flows_through(tmp_path: Path) -> None:
    model = """
        inputs: [x, memory]
        layers:
          - Dense: {units: 4, name: h}
            from: x
          - MultiHeadAttention: {num_heads: 1, key_dim: 4, name: att}
            from: [h, memory]
            repeat: 3
          - MultiHeadAttention: {num_heads: 1, key_dim: 4, name: own}
            from: [att, att]
            repeat: 2
    """
    assert wiring(tmp_path, model) == {
        "h": "x",
        "att_0": ["h", "memory"],
        "att_1": ["att_0", "memory"],
        "att_2": ["att_1", "memory"],
        "own_0": ["att_2", "att_2"],
        "own_1": ["own_0", "own_0"],
    }


BRANCHES = """
    inputs: [sex, town, age]
    layers:
      - StringLookup: {name: index}
        each: [sex, town]
      - Embedding: {input_dim: "${each.index + 5}", output_dim: 4, name: vector}
        each: index.*
      - Concatenate:
        from: [vector.*, age]
"""


def test_each_makes_one_branch_for_each_and_a_star_collects_them(tmp_path: Path) -> None:
    assert wiring(tmp_path, BRANCHES) == {
        "index.sex": "sex",
        "index.town": "town",
        "vector.sex": "index.sex",
        "vector.town": "index.town",
        "concatenate": ["vector.sex", "vector.town", "age"],
    }
    found = nodes(tmp_path, BRANCHES)
    assert [arguments(found[f"vector.{name}"])["input_dim"] for name in ("sex", "town")] == [5, 6]


def test_what_follows_branches_takes_all_of_them(tmp_path: Path) -> None:
    model = "inputs: [a, b]\nlayers:\n  - Flatten:\n    each: [a, b]\n  - Concatenate"
    assert wiring(tmp_path, model)["concatenate"] == ["flatten.a", "flatten.b"]


def test_blocks_groups_and_shared_layers_branch_too(tmp_path: Path) -> None:
    model = """
        inputs: [a, b]
        blocks:
          column: {params: {size: 2}, layers: [Flatten, Dense: {units: "${params.size}"}]}
        layers:
          - column: {name: c, size: 3}
            each: [a, b]
          - layers: [Flatten, {Dropout: {rate: 0.1, name: drop}}]
            name: g
            each: c.*
          - Dense: {units: 2, name: tower}
            from: g.a
          - reuse: tower
            name: again
            each: [a, b]
          - Add:
            from: [again.*, g.b.drop]
    """
    found = wiring(tmp_path, model)
    assert (found["c.a.dense"], found["c.b.flatten"], found["g.b.flatten"]) == ("c.a.flatten", "b", "c.b.dense")
    assert found["tower"] == "g.a.dropout" if "g.a.dropout" in found else "g.a.drop"
    assert found["add"] == ["again.a", "again.b", "g.b.drop"]
    assert nodes(tmp_path, model)["again.b"].reuse == "tower"


def test_the_categories_of_each_column_are_known_once_the_data_is(tmp_path: Path) -> None:
    from trainctl.config.load import load

    text = BRANCHES.replace("${each.index + 5}", "${each.categories + 1}")
    experiment(tmp_path, text)
    loaded = load(str(tmp_path / "experiment.yaml"))
    facts = {"columns.sex.categories": 2, "columns.town.categories": 9}
    bound = {node.name: node for node in loaded.bind(facts).model.layers}
    assert [arguments(bound[f"vector.{name}"])["input_dim"] for name in ("sex", "town")] == [3, 10]
    with pytest.raises(ConfigError, match=r"'town' has no categories, so \${each.categories} has no value"):
        loaded.bind({"columns.sex.categories": 2})


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("each: [sex, town]", "each: [sex, sex]", "each names 'sex' twice"),
        ("each: [sex, town]", "each: [sex, twon]", "there is no node called 'twon' above"),
        ("each: [sex, town]", "each: []", "each must name a node"),
        ("each: [sex, town]", "each: [sex, 5]", "5 is not the name of a node"),
        ("each: index.*", "each: age.*", "'age' has no branches; only a node with each: beside it has"),
        ("each: index.*", "each: index.*\n        from: age", "from cannot be beside each"),
        ("each: index.*", "each: index.*\n        repeat: 2", "repeat cannot be beside each"),
        ("from: [vector.*, age]", "from: [vector.*, index.size]", "index.size"),
        ("${each.index + 5}", "${each.colour}", "${each.colour} does not exist"),
        ("from: [vector.*, age]", "from: ['${each.name}']", "${each.name} can only be used beside each:"),
    ],
)
def test_branches_that_lead_nowhere(tmp_path: Path, old: str, new: str, said: str) -> None:
    messages = [each.message for each in problems(tmp_path, BRANCHES.replace(old, new))]
    assert any(said in message for message in messages), messages


RESIDUAL = """
    layers:
      - Conv2D: {filters: 8, kernel_size: 3, strides: 2, padding: same, name: branch}
        residual: {projection: [Conv2D: {filters: 8, kernel_size: 1, strides: 2, name: fit}, BatchNormalization], merge: add}
      - Dense: {units: 8, name: d}
        residual: {merge: concat}
"""


def test_a_shortcut_passes_its_projection_and_is_merged_as_said(tmp_path: Path) -> None:
    assert wiring(tmp_path, RESIDUAL) == {
        "branch": "input",
        "branch.projection.fit": "input",
        "branch.projection.batch_normalization": "branch.projection.fit",
        "branch.add": ["branch", "branch.projection.batch_normalization"],
        "d": "branch.add",
        "d.concat": ["d", "branch.add"],
    }
    kinds = {name: getattr(node.component, "name", None) for name, node in nodes(tmp_path, RESIDUAL).items()}
    assert (kinds["branch.add"], kinds["d.concat"]) == ("Add", "Concatenate")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("{merge: concat}", "{merge: mean}", "merge must be add, concat or multiply, got 'mean'"),
        ("{merge: concat}", "{merg: concat}", "'residual' has no key 'merg'"),
        ("{merge: concat}", "{}", "residual must be true, false or a mapping"),
        ("{merge: concat}", "yes", "residual must be true, false or a mapping, got 'yes'"),
        ("{merge: concat}", "{projection: Flatten}", "projection must be a list of at least one layer"),
        ("{merge: concat}", "{projection: [Flaten]}", "there is no layer called 'Flaten'"),
    ],
)
def test_shortcuts_that_cannot_be(tmp_path: Path, old: str, new: str, said: str) -> None:
    messages = [each.message for each in problems(tmp_path, RESIDUAL.replace(old, new))]
    assert any(said in message for message in messages), messages


def test_no_shortcut_is_no_shortcut(tmp_path: Path) -> None:
    for written in ("false", "null"):
        assert "d.concat" not in wiring(tmp_path, RESIDUAL.replace("{merge: concat}", written))
