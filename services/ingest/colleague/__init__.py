"""The people of one's own organisation, for its contact."""
