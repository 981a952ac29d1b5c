"""Persons: their identifiers, what they asked to be stopped, who they are to counterparties."""
