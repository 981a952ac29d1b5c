"""The daily close of emitters."""
