"""One small class a file format: it recognises a file and yields its rows as found."""
