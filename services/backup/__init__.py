"""Backup and restore: an installation's databases as one file, and back (decision 0011, docs/operations.md)."""
