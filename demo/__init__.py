"""Plays the life of a web shop through Saleor's own GraphQL API, over HTTP.

Nothing here imports Saleor or Django: the same code runs against every supported
version and stands where a storefront, the Dashboard and a payment app would stand.
"""
