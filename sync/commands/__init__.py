"""The commands of the terminal, one file a subject; each takes a session and returns an exit status."""
