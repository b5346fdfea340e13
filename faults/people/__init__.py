"""Who works while a fault goes on: organisations, curators, readers. They know the public addresses, nothing else."""
