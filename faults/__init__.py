"""Fault tests: faults in real processes under load, and the invariants that must still hold afterwards.

``python -m faults`` runs the rows of the fault matrix; it observes the system from outside only.
"""
