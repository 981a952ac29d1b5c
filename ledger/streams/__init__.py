"""Streams of events: read, opened, hidden, decided on and appended."""
