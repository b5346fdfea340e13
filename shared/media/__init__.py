"""Pictures: made of what is uploaded, stored under a hash."""
