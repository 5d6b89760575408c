"""`explain CONFIG model --build`: the shape and the parameters of each node of the built model."""

from __future__ import annotations

from collections.abc import Mapping

from trainctl.config.load import Loaded
from trainctl.events import ignore
from trainctl.jobs.plans import first_alone
from trainctl.models.summary import BuiltNode, describe_node, output_of, walk_nodes
from trainctl.training.train import prepare


def built_nodes(loaded: Loaded) -> tuple[Mapping[tuple[str, ...], BuiltNode], BuiltNode]:
    """Return what building tells of each node, by its path, and of the whole model.

    Raises:
        DataError, BuildError: As a run would.
    """
    built = prepare(first_alone(loaded, loaded.experiment.seed or 0), loaded.experiment.seed or 0, ignore)
    found = {path: describe_node(each, output_of(each)) for path, each in walk_nodes(built.model)}
    return found, describe_node(built.model, None)
