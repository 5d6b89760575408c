"""One file a verb: plain arguments and a sink for events in, a value out. No terminal."""
