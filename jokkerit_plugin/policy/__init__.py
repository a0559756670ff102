"""What the register description promises, as plain data: read by every guard, plan and page."""
