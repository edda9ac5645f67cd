"""The ledger: what became true in this market, appended, never edited, and provable."""
