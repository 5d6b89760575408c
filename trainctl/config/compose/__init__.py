"""What replaces what: `extends`, `--set`, `${…}`, relative paths."""
