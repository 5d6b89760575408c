"""One file per command: functions that take plain arguments and a sink for events, and return a value."""
