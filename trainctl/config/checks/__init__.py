"""Checks across sections: plain functions in one list, each yielding diagnostics."""
