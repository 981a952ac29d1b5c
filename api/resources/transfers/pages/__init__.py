"""例外: records with findings, and verdicts that something late would change.

`finding_list` the list, `pages` 判定の見直し, `one` the page of one record, `corrections` its
forms, `person` that of its persons, `settlement` what was done about its findings.
"""
