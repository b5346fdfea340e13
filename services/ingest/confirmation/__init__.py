"""Confirmations: organisers are asked before their events whether everything is still right."""
