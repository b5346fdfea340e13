"""The event log on MongoDB, for installations without Kafka."""
