"""Marketing: permissions, opt-outs, and who may be written to."""
