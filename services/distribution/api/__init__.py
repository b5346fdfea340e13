"""The open API of distribution."""
