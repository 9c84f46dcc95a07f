"""What to send, to whom and why (policy), how it reads (letters), and the ways out (outboxes)."""
