"""The ground floor: what all three services stand on; no rule of the trade lives here."""
