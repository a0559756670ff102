"""The border: what the register may know of a shop. Pure Python."""
