"""Organisations as administrators see them."""
