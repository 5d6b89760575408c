"""Keras at work: fit, the callback list, the training state and its snapshots."""
