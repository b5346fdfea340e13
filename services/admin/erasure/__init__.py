"""Erasure of a person from all databases."""
