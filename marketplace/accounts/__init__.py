"""People and the organisations they work for."""
