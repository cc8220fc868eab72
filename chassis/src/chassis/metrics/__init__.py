"""What Prometheus learns of a service."""
