"""The world outside: settings, database, object store, embedded servers. Knows no rows and no rules."""
