"""走访: a need that a broker writes down on the spot, and that the enterprise itself confirms."""
