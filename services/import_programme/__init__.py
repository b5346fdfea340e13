"""Puts a region pack's programme into a year, through ingest's public API."""
