"""Erases by itself what no purpose keeps, tells before, and leaves receipts."""
