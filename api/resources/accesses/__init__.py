"""What is watched, made once for the endpoints of the API and for the pages.

`views` the looks that are on record, `act_views` what people did, `service` one person's records
as of a position, `moments` where in the ledger a day ended, `access` one transfer as an officer
sees it, `access` the keys, sessions and roles that there are.
"""
