"""The public programme in memory and its filters. Pure."""
