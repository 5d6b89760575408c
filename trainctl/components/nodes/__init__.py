"""What may stand among the layers of a model, but is no layer of Keras: one file each."""
