"""Pages: templates, layout, static files."""
