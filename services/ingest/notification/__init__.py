"""Notifications: what the curators did or wrote, told to an organisation's editors by mail."""
