"""The dispatch of a reply, for the API's endpoints and the officers' pages.

`steps` makes what is submitted, approved and posted; `handout` hands documents out, each fetch on
record; `approver_access` tells whether an approver has opened what waits for their approval.
`batch` prints several replies in one run, `medium` makes what goes with one on a medium, `evidence`
(with `evidence_readme`) all of a case in one file.
"""
