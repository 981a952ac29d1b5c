"""What all pages of the officers share: Japanese, made on the server, whole without JavaScript.

`route` is how a page is answered and what becomes of a refusal, `guard` who may see it and the
visit that a page answers, `renderer` the templates and their headers, `navigation` who has which
page, `once` how a form becomes one command. `form_drafts` are the drafts of one form,
`draft_recovery` those of a page: what is typed, refused, or sent when the time is up, `form_result`
what became of a form, `conflict` what changed meanwhile, `form_values` how fields are filled and
read. `assets` are style sheets and scripts under hashed names; `words` say what things are called.
Templates lie beside the pages of their noun, shared ones in `templates`; vendored files lie with
their licences in `static/vendor`. What stands around each step of a case is `step_view` in
`api.resources.cases.pages`.
"""
