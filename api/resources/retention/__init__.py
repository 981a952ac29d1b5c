"""Retention: plans, overview, certificates."""
