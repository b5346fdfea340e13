"""Home page of an organisation: what waits for it, and its events by state."""
