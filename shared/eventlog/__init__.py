"""The event log between the services: a port, its two adapters, and what every service does with it."""
