"""例外: records with findings.

`finding_list` the list, `one` the page of one record, `corrections` its forms, `person` that of its
persons, `settlement` what was done about its findings.
"""
