"""Files for accounting software: one module a format, and the frozen files themselves."""
