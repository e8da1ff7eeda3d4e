"""PostgreSQL: rows and repositories. Rows never leave their file; records do."""
