"""What several callbacks share, the Keras half beside the spec."""
