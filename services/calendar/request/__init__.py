"""Requests: a chief asks one organisation for an event."""
