"""What the system survives: faults in real processes while people work, and what must still be true afterwards.

``python -m faults`` runs the rows of the fault matrix; it looks at the system from outside only.
"""
