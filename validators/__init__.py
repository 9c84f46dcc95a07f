"""The domain, pure: rows become records; status, balances and duplicates follow from them. No I/O, no clock, no settings."""
