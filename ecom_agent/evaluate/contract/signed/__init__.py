"""How each kind of signature vector is handed to our own checks: a function for each kind, a file for each vendor."""
