"""From what a source read to batches: labels, splits, profile, encoder, order, cache."""
