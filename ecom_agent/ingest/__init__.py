"""Pages in: raw payload, records and cursor in one transaction a page."""
