"""The programme, as curators see it."""
