"""The API by which curators decide and read the programme: ``/calendar/api/v1``."""
