"""The event: its content, days, notices and warnings. Pure."""
