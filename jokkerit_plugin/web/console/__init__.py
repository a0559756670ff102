"""The console: the register in a browser, inside the Dashboard and at the plugin's own address.

A page is a GraphQL document (data/console/<page>.graphql), a template (templates/console) and its
words (data/console.<language>.toml). It is filled by executing its document as the person whose
token came, so it shows what the API gives them and is in the access log as the API is; its buttons
are the mutations of the same document. There is no other way to data here.

Who opens an address with a browser gets the shell, which holds no data: static/console.js signs in
or takes the Dashboard's token, and asks for the page with the token in the Authorization header.
"""
