"""What works behind the pages: how far it is, what failed, and the figures for a monitor."""
