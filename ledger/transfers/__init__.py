"""Transfers: what was provided or received, corrected, settled, judged afresh."""
