"""The two libraries 双库: needs 需求 and results 成果."""
