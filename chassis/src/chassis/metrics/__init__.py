"""The metrics of a service, for Prometheus."""
