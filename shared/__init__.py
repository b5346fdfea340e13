"""What all three services share: event, event log, database, web; no service's rules."""
