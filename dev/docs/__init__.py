"""Documents made from the code, and the links between all of them."""
