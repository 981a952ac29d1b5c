"""What the end points of disclosure cases read and say.

`bodies` is what every body keeps to; `intake`, `papers`, `name_difference`, `measures`, `replies`
and `completion` are the bodies, `case_view` and `whole_case` what is shown of a case, `answers` its
schemas, `files` a reply as one file, `examples` invented people.
"""
