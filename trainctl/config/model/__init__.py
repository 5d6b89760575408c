"""The language of layers: from `model:` to a flat list of nodes."""
