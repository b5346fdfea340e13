"""Password reset: a link by mail, and the page that it leads to."""
