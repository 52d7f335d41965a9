"""The shapes that everything else speaks: states, fields, codes, options, tables. Imports nothing of ours."""
