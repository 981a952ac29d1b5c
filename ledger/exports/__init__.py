"""What is produced for a regulator: a bag of records that proves itself offline (0075, 0076).

`filters` says which records; `pseudonyms` names persons anew in each export; `rows` is what stands
in a line of the bag, `tables` the same for a spreadsheet; `tally` counts; `export_request` is what
is asked, `exporter` makes the bag of it, `records` goes through the ledger, `bag` puts files into
their places (BagIt 1.0). `workbook` makes the table for Excel; of files that are there, `summary`
and `report` make what the cover report prints; `coverage` is what emitters declared. `verify` is
the one file that checks a bag; a copy of it lies in each.

`audit_bag` makes a bag of the whole ledger for an auditor, of `audit_rows` and `audit_persons`;
`audit_reader` checks and reads it; `audit_approval` and `audit_service` say who decided on it.

Source: `docs/decisions/0075-*`, `0076-*`, `0079-*`, `0080-*`, `0130-*`; RFC 8493;
`docs/reference/event-format.md`, 3 and 9.
"""
