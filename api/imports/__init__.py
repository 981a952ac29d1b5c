"""A file of transfers, sent to a running ledger over HTTP: each line once, whatever is killed.

`formats` makes rows of a file (`ndjson`, `csv_rows`, `parquet`; `columns` is the flat mapping),
`delivery` makes requests of rows, sends one and says what became of each row, `client` has each
answered through the emitters' client, `journal` keeps how far it is, `outputs` what became of each
row, and `importer` is the loop.
"""
