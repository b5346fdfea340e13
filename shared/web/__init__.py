"""The web ground floor of the three services: what a request meets, and what its answers have in common."""
