"""What two vendors need: HTTP with one error table, throttling, token cache."""
