"""The HTTP face: /health for probes, /metrics for Prometheus, /webhooks for shops that call us."""
