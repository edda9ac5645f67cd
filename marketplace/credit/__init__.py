"""技术交易信用: behaviour that was verified, what it counts for, and signs that need a second look."""
