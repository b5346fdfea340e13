"""Cards: what other sites show with a link to an event that has no picture."""
