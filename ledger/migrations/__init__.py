"""The write side's schema as numbered SQL files; `ledger.postgres.migrate` applies them in order.

A file that was applied anywhere is never edited: the runner refuses it. Add the next number.
"""
