"""Run directories: plain files, no Keras."""
