"""How good the matching is, from a file that an evaluation wrote."""
