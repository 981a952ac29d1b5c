"""過去の記録の取込: registers of what went before the ledger, from a file to records.

`register_list` what was uploaded, and the upload; `one` a register, step by step.
"""
