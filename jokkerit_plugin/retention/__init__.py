"""Erasing what no purpose keeps: what keeps it, and what is due."""
