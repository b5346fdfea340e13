"""Simulated users: organisations, curators, readers. They know the public addresses only."""
