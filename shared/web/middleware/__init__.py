"""ASGI middleware: what every request passes."""
