"""Deployment: local servers, the container image, Kubernetes, monitoring and the region pack."""
