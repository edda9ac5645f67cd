"""Invented organisations, people, needs and results for a first look."""
