"""What several connectors need and none owns: the HTTP door, quotas, tokens, reading pages and payloads."""
