"""The sample workbook of `kartoteka demo`, as data: a small firm's clients and invoices, dated from any day."""
