"""Which column of a file feeds which field, by names and by what the values look like. Reads no rows."""
