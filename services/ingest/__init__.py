"""Ingest: the service that takes submissions in."""
