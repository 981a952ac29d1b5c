"""Numbered SQL of the read side, applied after the write side's."""
