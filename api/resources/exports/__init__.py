"""Exports that are asked for at the endpoints: made aside, kept sealed, handed out in parts (0077).

`stored_request` is the question as it is kept; `maker` makes what was asked for and keeps it in
sealed pieces, `workbook_beside` its table for Excel while the table is written. The process that
does so is `api.server.daily_job`.
"""
