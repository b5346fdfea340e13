"""Log-in, roles and CSRF protection."""
