"""What trainctl adds to Keras's own namespaces; `catalog/extensions.py` describes it. One module per namespace."""
