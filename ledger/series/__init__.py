"""Series: messages of one transfer that goes on."""
