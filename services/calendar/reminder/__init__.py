"""Reminders: mails from a chief to organisations chosen on the board."""
