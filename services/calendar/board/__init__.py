"""The board: how far each organisation came in a call, and where the programme has gaps."""
