"""Entries: one event's proposal, review and live version."""
