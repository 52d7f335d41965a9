"""Any .csv, .xlsx or .xls becomes clean part files and a profile, in a child process. Knows no database, no bucket."""
