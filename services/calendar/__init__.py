"""Decides what is public: what organisations propose, what curators make of it, and the programme that comes of it.

Only ever import it as ``services.calendar``: with ``services/`` itself on the path it would hide Python's ``calendar``.
"""
