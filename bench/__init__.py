"""Benchmarks: performance budgets, each measured next to a baseline: ``python -m bench [NAME …]``.

A figure that counts is a ratio of two things measured in one run, alternately, on one machine.
"""
