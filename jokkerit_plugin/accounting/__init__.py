"""The accounting firm's work: VAT, vouchers, month close and export files, from purchase data."""
