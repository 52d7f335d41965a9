"""Personas and accounts outside of imports: reading them, and the settings of an account."""
