"""Rejected items and their repair."""
