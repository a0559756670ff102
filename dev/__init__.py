"""What `make` calls: own servers, Saleor checkouts, the test run. Never shipped."""
