"""The published JSON Schema: the grammar of an experiment file, for editors and for other validators.

It is read from what `validate` checks against, the specs and the catalog, so the two agree. Beyond it lie the checks across
sections, the bounds of fractions written as text, and what `${…}` and `extends` bring in.
"""

from trainctl.config.schema.json_text import to_text
from trainctl.config.schema.root import experiment_schema

__all__ = ["experiment_schema", "to_text"]
