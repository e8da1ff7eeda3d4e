"""Embedded PostgreSQL, the processes of `ecom up`, the demo."""
