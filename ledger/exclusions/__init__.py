"""Exclusions under Order 11: which record is hidden from which person."""
