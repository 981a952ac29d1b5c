"""Published procedures."""
