"""From the flat list of nodes to a compiled Keras model."""
