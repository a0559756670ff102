"""Site log data: taken in, used for security, fixing errors and billing only, gone on time."""
