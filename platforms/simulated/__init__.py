"""A whole market behind HTTP: every vendor's wire format over one seeded world."""
