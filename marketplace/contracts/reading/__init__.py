"""A contract's text read for the clerk: values with their sentences, the likely type, the grounds.

Pure: no database, no request, no clock. ``views`` and ``drafting`` alone know the market.
"""
