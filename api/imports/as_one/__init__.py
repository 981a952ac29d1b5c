"""A file whose lines are the persons of one transfer, sent as a bulk transfer (0087, 0091).

`header` reads the transfer, `survey` goes through the file once, finds bad lines and parts, and
makes a part again, `bulk` speaks to the ledger, `steps` keeps what was begun, and `importer` is the
whole of it.
"""
