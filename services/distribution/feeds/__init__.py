"""Feeds: documents kept compressed in memory and served by raw ASGI."""
