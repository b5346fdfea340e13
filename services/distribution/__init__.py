"""The distribution service: feeds, pages and an API, served from memory."""
