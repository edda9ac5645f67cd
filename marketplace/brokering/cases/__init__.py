"""The case queue: needs that nobody serves, shared out to brokers, and the day's best pairs."""
