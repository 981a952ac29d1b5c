"""Persons: their identifiers, and what they asked to be stopped."""
