"""The events of a disclosure request."""
