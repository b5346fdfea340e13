"""Local MongoDB and Kafka servers without Docker, bound to loopback."""
