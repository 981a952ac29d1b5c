"""The steps of a case, one page each; `next_step` leads to the one that comes next."""
