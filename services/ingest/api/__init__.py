"""The API by which organisations send in their events: ``/ingest/api/v1``."""
