"""Holds: what keeps records past their day."""
