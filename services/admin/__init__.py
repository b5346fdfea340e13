"""The operator's commands: backup, restore, rebuild, diagnosis, dead letters, accounts."""
