"""Real MongoDB and Kafka on a laptop, without Docker, bound to loopback."""
