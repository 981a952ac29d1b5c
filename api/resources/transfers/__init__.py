"""Transfers: recorded, read, corrected, settled."""
