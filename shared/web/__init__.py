"""The web application of the services: routing, middleware, pages, problems."""
