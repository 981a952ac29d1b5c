"""What all pages of the officers share: Japanese, made on the server, whole without JavaScript.

`route` is how a page is answered and what becomes of a refusal, `guard` who may see it, `renderer`
the templates and their headers, `navigation` who has which page, `once` how a form becomes one
command. `step_submission` is how a page takes a step of a case, `step_view` what is shown around
each step, `form_drafts` what is kept while somebody types, `draft_recovery` what somebody sends
whose time is up, `form_result` what became of a form, `conflict` what changed meanwhile,
`form_values` how fields are filled and read. `assets` are style sheets and scripts under hashed
names; `words` and `oversight_words` say what things are called. Templates lie in `templates`,
vendored files with their licences in `static/vendor`.
"""
