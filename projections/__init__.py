"""Answers: reads facts in position order, never asks the ledger to decide."""
