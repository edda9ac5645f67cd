"""Scrapers: sites in, notices out. A library of its own; it knows no database and no market."""
