"""Histories of persons."""
