"""Pictures of events: taken through the API, seen by their organisation and curators."""
