"""The HTTP face: /health for probes, /metrics for Prometheus, /webhooks and /chat for all that call us."""
