"""对接: from a match to an introduction, and what comes of it."""
