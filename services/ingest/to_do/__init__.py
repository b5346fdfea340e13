"""To-dos: what waits for an organisation on its home page."""
