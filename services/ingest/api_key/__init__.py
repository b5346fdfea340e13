"""API keys of everybody, for administrators."""
