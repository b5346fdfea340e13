"""Pages of the board, for a chief."""

from services.calendar.board.pages.board import router

__all__ = ["router"]
