"""The form of an event: its fields as typed, and section 5 made of them. Pure, and nothing typed is ever lost."""
