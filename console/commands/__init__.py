"""The commands of the command line, by subject. Each imports what it needs when it runs: `--help` is instant."""
