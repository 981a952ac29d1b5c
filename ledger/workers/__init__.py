"""Processes that read and set what is not trusted, within limits."""
