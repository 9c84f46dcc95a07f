"""The domain, pure: rows become records; status, balances and duplicates follow. No I/O, no clock, no settings."""
