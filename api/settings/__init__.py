"""Settings, each read once from the environment."""
