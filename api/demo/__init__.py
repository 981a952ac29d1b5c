"""The fictional year: everybody and everything in it is invented, but for the policy's own notice.

`people` and `parties` say who, `acts` what one transfer looks like, `story` what happens to the
one person whose history is shown, `applicants`, `papers` and `cases` who asks for disclosure and
how each request is worked on, `practice` of whom the practice envelopes speak, `year` what
everybody else does. `year_sender` sends it all through the HTTP API, under the clock of
`past`; `tables` and `worklist` print what came of it, `run` puts it together.
"""
