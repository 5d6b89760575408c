"""The catalog: what the installed Keras offers, read from its source without importing it."""
