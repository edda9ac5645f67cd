"""Like and like: the same listing twice, and one problem that several organisations have."""
