"""Structured logging, metrics and distributed tracing."""
