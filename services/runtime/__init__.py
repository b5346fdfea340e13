"""Processes: one service each, or all three in one."""
