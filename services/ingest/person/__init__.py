"""People as administrators see them: their roles, and whether they may log in."""
