"""What we are measured against: the least that could do the same work, and what one writes first."""
