"""Invitations: who is invited, by whom, and the page that the link leads to."""
