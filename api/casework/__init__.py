"""How the desk's steps are made of a case and its records: for the API's doors and for the pages.

`searching` says who may be meant and makes the step that says who it is; `deciding` makes the
decision on the records.
"""
