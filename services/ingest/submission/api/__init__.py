"""The submission API: ``/ingest/api/v1``."""
