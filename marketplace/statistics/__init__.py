"""The statistics of the technology market, as functions of the ledger and of nothing else."""
