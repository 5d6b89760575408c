"""Callbacks: one file each, holding a frozen spec with `build()`. A new file here is all that a new callback takes."""
