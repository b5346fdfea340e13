"""Values of HTTP: entity tags, dates, media types, content negotiation. Pure."""
