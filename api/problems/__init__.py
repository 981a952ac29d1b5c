"""Refusals become RFC 9457 answers: kinds (one row each), answers, and pages about them."""
