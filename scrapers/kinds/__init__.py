"""Kinds of source: how lists are published. A source takes one, and says where things stand."""
