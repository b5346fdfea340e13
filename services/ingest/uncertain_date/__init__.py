"""Uncertain dates: organisations are asked for the days of their events before a programme closes."""
