"""Items that could not be recorded, until somebody repairs or discards them."""
