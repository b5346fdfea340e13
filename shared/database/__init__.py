"""MongoDB: client, errors, leases and dumps."""
