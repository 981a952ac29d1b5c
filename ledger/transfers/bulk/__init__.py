"""Bulk transfers: one record of very many persons, sent in parts.

`transfers` is what others call; `upload` takes parts in, `preparation` judges what they hold and
makes chunks of it, `commit` appends these one after the other, `outcome` says what became of it.

Source: `docs/reference/event-format.md`, section 7; decision 0087.
"""
