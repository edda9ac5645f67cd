"""The two libraries ranked for each other."""
