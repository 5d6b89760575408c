"""What run.json is made of: whoever reads a record may trust its shape, also where a person or a disk has changed the file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from trainctl.aliases import Value
from trainctl.runs.layout import CHILDREN

_TEXT, _NUMBER, _WHOLE, _LIST, _MAPPING = "text", "a number", "an integer", "a list", "a mapping"
_TYPES: Mapping[str, type | tuple[type, ...]] = {
    _TEXT: str,
    _NUMBER: (int, float),
    _WHOLE: int,
    _LIST: list,
    _MAPPING: dict,
}

_FIELDS = {
    _TEXT: (
        "name",
        "config",
        "status",
        "started",
        "ended",
        "host",
        "device",
        "weights",
        "platform",
        "majority",
        "plot_format",
    ),
    _NUMBER: ("seconds",),
    _WHOLE: ("seed", "exit_code", "epochs", "epochs_run", "kept_epoch", "pid", "parameters", "cpu_count", "schema"),
    _LIST: (
        "sessions",
        "overrides",
        "imports",
        "expectations",
        "recoveries",
        "callbacks",
        "definitions",
        "command",
        "models",
        "stages",
    ),
    _MAPPING: (
        "data",
        "metrics",
        "error",
        "callback_seconds",
        "variables",
        "places",
        "versions",
        "switches",
        "directions",
        "execution",
        "timing",
        "forked_from",
        "given_data",
        "inputs",
        "baseline",
        "baseline_models",
        "checkpoints",
        "model",
        *CHILDREN,
    ),
}
_ITEMS = {
    "sessions": _MAPPING,
    "overrides": _TEXT,
    "recoveries": _MAPPING,
    "callbacks": _TEXT,
    "models": _TEXT,
    "definitions": _MAPPING,
    "stages": _MAPPING,
}
_VALUES = {
    "metrics": _NUMBER,
    "callback_seconds": _NUMBER,
    "variables": _TEXT,
    "places": _TEXT,
    "inputs": _TEXT,
    "directions": _TEXT,
    "forked_from": _TEXT,
    "execution": _MAPPING,
    "timing": _NUMBER,
    "baseline_models": _MAPPING,
}
_WITHIN = {
    **{(kind, _LIST): ("runs",) for kind in CHILDREN},
    **{(kind, _MAPPING): ("metrics",) for kind in CHILDREN},
    ("data", _TEXT): ("source", "stand_in_for", "fingerprint"),
    ("data", _LIST): ("class_names",),
    ("data", _MAPPING): ("details",),
    ("error", _TEXT): ("message", "hint"),
    ("sessions", _TEXT): ("started", "ended", "resumed", "status", "host"),
    ("stages", _TEXT): ("name",),
    ("stages", _WHOLE): ("number", "first_epoch", "epochs", "kept_epoch", "trainable_parameters"),
}
_REQUIRED = {
    **dict.fromkeys(CHILDREN, ("runs", "metrics")),
    "error": ("message",),
    "sessions": ("started",),
    "stages": ("number", "first_epoch"),
    "forked_from": ("run_id", "directory", "place"),
}
_EXPECTATION = {"metric": _TEXT, "op": _TEXT, "bound": _NUMBER, "value": _NUMBER, "met": "true or false"}


_BITS = 1023
"""Of an integer, so that it can be made a float."""

_NULLABLE = frozenset(
    {*_FIELDS[_TEXT], *_FIELDS[_NUMBER], *_FIELDS[_WHOLE], "error", "forked_from", "given_data", "expectations"}
)


def problems(record: Mapping[str, Value]) -> Iterator[str]:
    """Yield what is wrong with the record, such as `metrics.loss must be a number, got text`."""
    for kind, names in _FIELDS.items():
        for name in names:
            if name in record:
                yield from _check(name, record[name], kind, null=name in _NULLABLE)
    for name, kind in _ITEMS.items():
        for number, item in enumerate(_listed(record.get(name))):
            yield from _check(f"{name}.{number}", item, kind, null=False)
            yield from _check_within(name, f"{name}.{number}", item)
    for name, kind in _VALUES.items():
        for key, value in _mapped(record.get(name)).items():
            yield from _check(f"{name}.{key}", value, kind, null=name == "metrics")  # NaN is written as null
    for name in ("data", "error", "forked_from", *CHILDREN):
        yield from _check_within(name, name, record.get(name))
    for name in CHILDREN:
        yield from _check_children(name, record.get(name))
    yield from _check_baseline(record.get("baseline"))
    for number, item in enumerate(_listed(record.get("expectations"))):
        yield from _check_expectation(f"expectations.{number}", item)


def _check(path: str, value: Value, kind: str, *, null: bool = True) -> Iterator[str]:
    if value is None and null:
        return
    if not isinstance(value, _TYPES[kind]) or isinstance(value, bool):
        yield f"{path} must be {kind}, got {_kind_of(value)}"
    elif isinstance(value, int) and value.bit_length() > _BITS:
        yield f"{path} is larger than any number"


def _check_within(name: str, path: str, value: Value) -> Iterator[str]:
    if not isinstance(value, dict):
        return
    for (owner, kind), keys in _WITHIN.items():
        for key in keys if owner == name else ():
            yield from _check(f"{path}.{key}", value.get(key), kind)
    yield from (f"{path}.{key} is missing" for key in _REQUIRED.get(name, ()) if value.get(key) is None)


def _check_children(kind: str, value: Value) -> Iterator[str]:
    """Yield what is wrong with the runs that a run consists of."""
    for number, run in enumerate(_listed(_mapped(value).get("runs"))):
        yield from _check(f"{kind}.runs.{number}", run, _MAPPING, null=False)
    for metric, each in _mapped(_mapped(value).get("metrics")).items():
        path = f"{kind}.metrics.{metric}"
        yield from _check(path, each, _MAPPING, null=False)
        for key in ("mean", "deviation") if isinstance(each, dict) else ():
            if key not in each:
                yield f"{path}.{key} is missing"
            else:
                yield from _check(f"{path}.{key}", each[key], _NUMBER)


def _check_baseline(value: Value) -> Iterator[str]:
    for metric, kinds in _mapped(value).items():
        yield from _check(f"baseline.{metric}", kinds, _MAPPING, null=False)
        for kind, each in _mapped(kinds).items():
            yield from _check(f"baseline.{metric}.{kind}", each, _NUMBER, null=False)


def _check_expectation(path: str, value: Value) -> Iterator[str]:
    if isinstance(value, str):  # as version 0.1.0 recorded it
        return
    if not isinstance(value, dict) or value.keys() != _EXPECTATION.keys():
        yield f"{path} must have {', '.join(_EXPECTATION)}, got {_kind_of(value)}"
        return
    for key, kind in _EXPECTATION.items():
        if key != "met":
            yield from _check(f"{path}.{key}", value[key], kind, null=key == "value")
        elif not isinstance(value[key], bool):
            yield f"{path}.met must be {kind}, got {_kind_of(value[key])}"


def _listed(value: Value) -> list[Value]:
    return value if isinstance(value, list) else []


def _mapped(value: Value) -> dict[str, Value]:
    return value if isinstance(value, dict) else {}


def _kind_of(value: Value) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    return next((kind for kind in (_TEXT, _WHOLE, _NUMBER, _LIST, _MAPPING) if isinstance(value, _TYPES[kind])), "?")
