"""Accounts, sessions, API keys and login throttling."""
