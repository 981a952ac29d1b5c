"""Registers of past transfers: Excel and CSV, read row by row, checked, and imported as backfill.

`formats` opens a file by what it is and reads rows of CSV, `xlsx` those of Excel; `mapping` says
what the columns are, `suggestion` writes one to begin with; `conversion` makes values of cells,
`transfers` items of rows; `import_run` is the dry run and the import, `reports` the report. Nothing
here holds more than a batch in memory.

A page drives it as the command line does: a mapping is a value, the dry run an iterator of results
with row numbers, the import an iterator of batches. What was uploaded lies sealed (`sealed_file`);
`runs` does the two in the background of a web process.

Nothing is imported here: a process that reads a workbook starts with what it needs alone.
"""
