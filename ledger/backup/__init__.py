"""Backups, and what must be true before a database that came out of one is opened.

`manifest` says what a backup holds; `creation` makes one; `agreement` compares a database with its
erasure journal at every start; `after_restore` brings them into agreement after a restore.
"""
