"""The dead-letter queue: publish, inspect, count."""
