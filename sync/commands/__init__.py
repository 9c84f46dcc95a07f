"""The commands of the terminal, one file a subject."""
