"""A plain Django project for the demo: the register without Saleor, on a recorded shop."""
