"""Emitters: registration, coverage, calendar."""
