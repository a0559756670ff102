"""The shop closes, or goes on without the register: the archive, and what uninstalling asks."""
