"""Calendar: the service in which curators decide.

Import it only as ``services.calendar``: with ``services/`` itself on the path it would hide Python's ``calendar``.
"""
