"""Names as Keras makes them: of a component from what is written, of a metric's log key, of a layer."""

from __future__ import annotations

from typing import Any

from trainctl import catalog
from trainctl.config.experiment import KerasComponent


def canonical_name(component: Any) -> str | None:
    """The CapWords name of a loss, metric or optimizer, also where its lower-case identifier is written."""
    if not isinstance(component, KerasComponent):
        return None
    return catalog.stands_for(component.kind, component.name) or component.name


def metric_name(metric: KerasComponent) -> str:
    """The key under which a metric is logged: its own `name`, else the word that is written, else Keras's default name."""
    if metric.arguments.get("name"):
        return str(metric.arguments["name"])
    if metric.is_identifier:
        return metric.name
    entry = catalog.find("metric", metric.name)
    parameter = entry.parameter("name") if entry else None
    default = parameter.default if parameter else None
    return default if isinstance(default, str) else catalog.snake_case(metric.name)
