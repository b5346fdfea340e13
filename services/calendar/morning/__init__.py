"""The morning list: what waits for curators, told by mail on working days."""
