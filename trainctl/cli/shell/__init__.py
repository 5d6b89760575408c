"""Completion in shells: a script for each, which asks the program what may come next."""
