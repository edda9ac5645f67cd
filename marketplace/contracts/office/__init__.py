"""The office's day: what waits, in one list; the checklist; many cases at once."""
