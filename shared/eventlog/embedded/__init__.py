"""The event log on MongoDB, for one process: no second Kafka, and it must not become one."""
