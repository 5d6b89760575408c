"""New inputs to predict on, read and shaped as the training data was."""
