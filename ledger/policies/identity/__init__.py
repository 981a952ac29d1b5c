"""Identity and authority of who asks, decided over the papers of one request.

`request` holds the words, `papers` looks at one paper, `slots` at what the matrix asks for,
`verdict` gives the verdict. People look and judge; nothing here looks at a picture or decides
whether two addresses are one.
"""
