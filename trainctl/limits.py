"""Limits of what an experiment may hold: far above any that a person writes, and low enough that refusing one is quick.

Whatever the file, `trainctl validate` takes at most two seconds of CPU and 200 MB of memory (tests/threats holds the memory).
"""

from __future__ import annotations

CONFIG_BYTES = 8 * 1024 * 1024
"""Bytes of one file; most of a file that comes near it is comments."""

MODEL_CONFIG_BYTES = 8 * 1024 * 1024
"""Bytes of the description of a model in a .keras file; a model of 1,000 layers has about 1 MB."""

VOCABULARY_BYTES = 64 * 1024 * 1024
"""Bytes of all vocabularies in a .keras file."""

DEPTH = 100
"""Levels of nesting, aliases and `${…}` expanded; each level takes several frames of Python's stack, which has 1,000."""

VALUES = 100_000
"""Values of one experiment, aliases and `${…}` expanded; a long text counts as several."""

CHARACTERS_OF_A_VALUE = 100
"""A text counts once more as a value for each 100 characters."""

TEXT = 100_000
"""Characters of one text, `${…}` expanded."""

DIGITS = 400
"""Digits of a number; Python's own limit for int() is 4,300, past which it raises."""

FILES = 100
"""Files that an experiment extends; a file may be extended along several ways, and the ways multiply."""

REFERENCES = 100
"""References that lead from one to the next."""

KEYS_OF_A_COMPONENT = 100
"""Keys of a mapping that may be a component: its name, and what is beside it."""

COMPONENTS = 1_000
"""Items of a list of components other than layers, and expectations; checks compare each with each."""

LAYERS = 5_000
"""Layers of a model, blocks and repeats expanded."""

EXPRESSION = 1_000
"""Characters of an expression."""

EXPRESSION_PARTS = 200
"""Names, numbers, operators and calls of an expression."""

DIAGNOSTICS = 50
"""Diagnostics that are shown in full; the rest is counted."""

EXAMPLES = 5
"""Places that one diagnostic names as examples of many."""

MESSAGE = 2_000
"""Characters of a message; a longer one is cut in the middle."""

SIMILAR_NAMES = 1_000
"""Names among which the nearest to a misspelled one is looked for."""

LONGEST_NAME = 100
"""Characters of a name that may be a misspelled one."""


def weight(text: str) -> int:
    """Return as how many values a text counts."""
    return 1 + len(text) // CHARACTERS_OF_A_VALUE
