"""Ingest: the door through which organisations send in their events, and see what became of them."""
