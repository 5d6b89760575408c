"""The components trainctl describes itself: one file per callback and per data source."""
