"""How the desk's steps are made of a case and its records: for the API's doors and for the pages.

`search` says who may be meant and makes the step that says who it is; `decision` makes the
decision on the records.
"""
