"""The submission form: parsing, errors, view."""
