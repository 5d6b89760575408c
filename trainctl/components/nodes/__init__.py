"""What may be among the layers of a model, but is not a layer of Keras: one file each."""
