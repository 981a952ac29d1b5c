"""Disclosure requests."""
