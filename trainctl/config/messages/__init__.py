"""The text of all diagnostics about settings: what was received, what was expected, what to do."""

from trainctl.config.messages.components import (
    HIDDEN,
    REFUSED,
    arguments_not_a_mapping,
    bad_argument,
    bad_formula,
    bad_value_beside,
    beside_component,
    missing_arguments,
    not_a_component,
    refused,
    two_components,
    unknown_argument,
    unknown_component,
)
from trainctl.config.messages.phrases import kind_words, meant_by, suggestion
from trainctl.config.messages.settings import (
    from_pydantic,
    missing_loss,
    not_a_bound,
    not_a_list,
    not_a_mapping,
    too_many,
    unknown_key,
)

__all__ = [
    "HIDDEN",
    "REFUSED",
    "arguments_not_a_mapping",
    "bad_argument",
    "bad_formula",
    "bad_value_beside",
    "beside_component",
    "from_pydantic",
    "kind_words",
    "meant_by",
    "missing_arguments",
    "missing_loss",
    "not_a_bound",
    "not_a_component",
    "not_a_list",
    "not_a_mapping",
    "refused",
    "suggestion",
    "too_many",
    "two_components",
    "unknown_argument",
    "unknown_component",
    "unknown_key",
]
