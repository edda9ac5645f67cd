"""存证回执: "A introduced B to C on …", in the ledger, to settle later who brought the deal."""
