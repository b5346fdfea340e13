"""Distribution serves everybody: feeds, pages and an API, all from the programme in memory."""
