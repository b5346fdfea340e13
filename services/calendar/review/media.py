"""Pictures of entries, for curators only: what waits is seen by nobody else here."""

# No postponed annotations: FastAPI reads those of a route in this module's names.

from fastapi import APIRouter, Depends, Response

from services.calendar.state import Service
from shared.media.model import FORMATS, parse_file
from shared.web.auth.roles import require_api_account
from shared.web.problems import NotFound

router = APIRouter(
    prefix="/calendar/media", include_in_schema=False, dependencies=[Depends(require_api_account("curator"))]
)


@router.get("/{file}")
async def read_picture(file: str, state: Service) -> Response:
    wanted = parse_file(file)
    content = await state.pictures.read(*wanted) if wanted else None
    if wanted is None or content is None:
        raise NotFound
    kind = FORMATS[wanted[1].rpartition(".")[2]]
    return Response(content, media_type=kind, headers={"Cache-Control": "private, max-age=31536000, immutable"})
