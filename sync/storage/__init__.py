"""The workbook port and its implementations, one vendor a file."""
