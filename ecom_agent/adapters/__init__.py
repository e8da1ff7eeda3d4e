"""Heavy libraries, one file each, imported late, each with a light stand-in that says what it is."""
