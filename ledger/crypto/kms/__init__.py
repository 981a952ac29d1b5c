"""A key management service: it keeps epoch masters, or the key of the log, and gives none away."""
