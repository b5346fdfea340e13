"""Reviews: the queue, and curators' decisions by page and API."""
