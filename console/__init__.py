"""What people use: command line, supervisor, HTTP. Knows no SQL and no rules about rows."""
