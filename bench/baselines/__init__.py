"""Baselines: the minimal implementations that the product is compared with."""
