"""Guides for the people who work with the pages: read from docs/guides/, served in the reader's language."""
