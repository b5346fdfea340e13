"""Requests of the curators as ingest knows them, and what an organisation answers."""
