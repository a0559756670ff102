"""The copy of a person's data: what is in it, how it is written, and how it is fetched."""
