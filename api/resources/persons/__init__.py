"""Persons: links, stops, renames."""
