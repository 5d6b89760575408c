"""Drafts: new experiment files, written from a model, from data, from a run or from a template."""
