"""保密: what of one side opens to the other, after whose word, and who has looked."""
