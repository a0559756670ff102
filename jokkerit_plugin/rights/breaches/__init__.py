"""Personal data breaches: recorded, assessed, notified, and told those who are affected."""
