"""The doors: HTTP and the command line; who is calling."""
