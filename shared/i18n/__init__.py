"""Languages, translated texts, date patterns, collation."""
