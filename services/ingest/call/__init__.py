"""Calls as ingest knows them: a copy, and what it admits by them."""
