"""A small invented shop that keeps its customers with django-gdpr-assist, by its documentation.

Runs in an environment of its own (`peers.py` makes it), where neither Saleor nor the plugin is.
"""
