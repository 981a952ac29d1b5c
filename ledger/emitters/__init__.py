"""Emitters: who sends, whether they are alive, and which days they closed."""
