"""Verdicts that something late would change."""
