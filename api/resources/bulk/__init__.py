"""Bulk transfers: sent in parts."""
