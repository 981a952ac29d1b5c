"""Faults that the tests catch, each a patch whose first line names the test."""
