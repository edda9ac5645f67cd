"""The broker's workbench: where everything of one's own stands, and what comes next."""
