"""Pictures whose licence is over, taken out of what is public on that day."""
