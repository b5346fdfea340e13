"""The event log on Apache Kafka: the only place that imports aiokafka (0.14; pitfalls A1-A20 in reliability.md)."""
