"""Addresses in Japan as people write them: brought to one spelling, taken apart, compared.

`spelling` brings a text to one spelling; `comparison` takes it apart and compares two or three. A
comparison proposes; whether two addresses are one is decided by a person.
"""
