"""The rows of the fault matrix, by what is faulty."""
