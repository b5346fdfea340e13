"""How far each organisation came, in numbers, told to the calendar."""
