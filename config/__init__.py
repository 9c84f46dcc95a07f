"""Settings, the words a reader of the sheet sees, the defaults a new workbook starts with, and logging."""
