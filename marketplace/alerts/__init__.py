"""Saved searches, and digests of what is new: once for each period, each listing once."""
