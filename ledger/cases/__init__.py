"""Disclosure requests: from the letter that arrives to the reply that goes out."""
