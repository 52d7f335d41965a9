"""Cells become typed values, a column at a time. Knows no file formats and no database."""
