"""Contracts in files: one row a contract, in and out, in the columns of the data dictionary."""
