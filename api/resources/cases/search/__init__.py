"""How steps are made of a case and its records, for the API and for the officers' pages.

`search` says who may be meant and makes the step that says who it is; `decision` makes the
decision on the records.
"""
