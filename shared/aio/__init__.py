"""Small asyncio building blocks."""
