"""What is watched, made once for the doors of the API and for the pages.

`accesses` the looks that are on record, `acts` what people did, `histories` one person's records
as of a position, `moments` where in the ledger a day ended, `transfers` one transfer as an officer
sees it, `access` the keys, sessions and roles that there are.
"""
