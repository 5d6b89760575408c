"""Data sources: one file each, holding a frozen spec with `load()`. A new file here is all that a new source takes."""
