"""One small ASGI app per vendor over the one world."""
