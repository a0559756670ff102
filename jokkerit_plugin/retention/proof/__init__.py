"""Proves that a person is gone: searches everything for what named them, and keeps the result.

    before the first erasing batch       take_sample    identifiers, encrypted, and the rows tied
    erase
    when the batches are done            ready
    soon after, by the task              certify        one search for all that are ready

Searched are all columns that can hold text, of all tables, and all stored files. A certificate
says what was searched, what still stands and which rule keeps it until when, by keys alone.
"""

from .certificates import certify, problems, prove, settle
from .tickets import open_ticket, ready, take_sample

__all__ = ["certify", "open_ticket", "problems", "prove", "ready", "settle", "take_sample"]
