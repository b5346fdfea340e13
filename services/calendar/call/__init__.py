"""Calls: when events of a year are taken, and on which terms."""
