"""The catalog: what the installed Keras offers, read from its source without importing it.

    names("layer")                       ('Activation', 'ActivityRegularization', …)
    identifiers("loss")["mse"]           'MeanSquaredError'
    find("layer", "Dense").parameters    (Parameter(name='units', …), …)

Every answer parses only the files it needs, once.
"""

from trainctl.catalog.added import add
from trainctl.catalog.calls import CallSignature, call_signature, hands_mask_on
from trainctl.catalog.entry import FILE_ARGUMENTS, Entry, Parameter
from trainctl.catalog.extensions import FORMULA, SHORTHANDS
from trainctl.catalog.hooks import HOOKS, callback_arguments, callback_hooks
from trainctl.catalog.identifiers import snake_case
from trainctl.catalog.kinds import FUNCTIONS, KINDS, find, identifiers, kinds_of, names, stands_for, summary
from trainctl.catalog.signature import MISSING
from trainctl.catalog.types import NOTHING

__all__ = [
    "FILE_ARGUMENTS",
    "FORMULA",
    "FUNCTIONS",
    "HOOKS",
    "KINDS",
    "MISSING",
    "NOTHING",
    "SHORTHANDS",
    "CallSignature",
    "Entry",
    "Parameter",
    "add",
    "call_signature",
    "callback_arguments",
    "callback_hooks",
    "find",
    "hands_mask_on",
    "identifiers",
    "kinds_of",
    "names",
    "snake_case",
    "stands_for",
    "summary",
]
