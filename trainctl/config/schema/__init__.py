"""The published JSON Schema: the grammar of an experiment file, for editors and for other validators.

It is read from what `validate` checks against, the specs and the catalog, so the two agree. Beyond it lie the checks across
sections, the bounds of fractions written as text, and what `${…}` and `extends` bring in.
"""

from trainctl.config.schema.experiment import experiment_schema
from trainctl.config.schema.layout import to_text

__all__ = ["experiment_schema", "to_text"]
