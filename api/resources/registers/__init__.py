"""Registers of past transfers: Excel and CSV, read row by row, checked, and imported as backfill.

`formats` opens a file by what it is, `xlsx` and `csv_sheet` read rows of cells; `mapping` says what
the columns are (`mapping_file` reads it, `suggestion` writes one to begin with); `conversion` makes
values of cells, `groups` and `transfers` make items of rows; `dry_run` is the dry run, `import_run`
the import, `reports` the report. Nothing here holds more than a batch in memory.

A page drives it as the command line does: a mapping is a value, the dry run an iterator of results
with row numbers, the import an iterator of batches. What was uploaded lies sealed (`sealed_file`);
`sheet_preview` says what its columns may mean, `runs` does the two in the background of a web
process, and `problem_pages` keeps what they find.

Nothing is imported here: a process that reads a workbook starts with what it needs alone.
"""
