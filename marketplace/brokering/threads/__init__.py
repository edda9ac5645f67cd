"""What both sides and the broker say, file, agree and meet about once they are in contact."""
