"""Durable jobs: work that is due now or later, done once by one of all replicas."""
