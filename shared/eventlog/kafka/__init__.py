"""The event log on Apache Kafka: the only place that imports aiokafka (docs/decisions/0001)."""
