"""What was refused to whom: written down, within bounds."""
