"""Health, metrics and background tasks of a service."""
