"""Exclusions under Order 11."""
