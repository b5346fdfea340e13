"""Drafts: what is typed into the form of an event and not sent yet."""
