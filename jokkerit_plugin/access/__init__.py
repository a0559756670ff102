"""Who may see what: roles, guard, agreements, and the log of who looked."""
