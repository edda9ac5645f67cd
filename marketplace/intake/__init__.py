"""What others publish comes in: gathered, read with the evidence shown, and decided by a person."""
