"""Data sources: one file each, with its spec and its `load`."""
