"""A file whose lines are the persons of one transfer, sent as a bulk transfer (0087, 0091).

`header` reads the transfer, `survey` goes through the file once and finds bad lines and parts,
`contents` makes a part again, `requests` asks until there is an answer, `steps` keeps what was
begun, `upload` sends parts, and `importer` is the whole of it.
"""
