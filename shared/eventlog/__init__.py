"""The event log between the services: a port, its two adapters, consumer, outbox and dead letters."""
