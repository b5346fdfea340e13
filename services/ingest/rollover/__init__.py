"""Roll-over: last year's events proposed for another year."""
