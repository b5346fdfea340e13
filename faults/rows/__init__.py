"""The rows of the fault matrix, by what is hurt."""
