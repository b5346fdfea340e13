"""Backup and restore of databases and event log as one file."""
