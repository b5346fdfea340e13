"""Sandbox: reads bytes that strangers send, in a child process with limits."""
