"""Routes of pictures."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from starlette.requests import ClientDisconnect

from services.ingest.media.commands import add_picture, delete_picture, may_see, move_focus
from services.ingest.media.schemas import FILES, MADE, TAKES_PICTURE, FocusSent, Fraction, MediaAnswer
from services.ingest.state import Service
from shared.accounts.accounts import Account
from shared.media.model import FORMATS, make_focus, parse_file
from shared.media.repository import StoredPicture
from shared.web.auth.roles import ApiEditor, require_api_account
from shared.web.problems import BadRequest, NotFound, problem_responses

PREFIX = "/ingest/api/v1/media"
FILE_PREFIX = "/ingest/media"

router = APIRouter(tags=["media"])

Viewer = Annotated[Account, Depends(require_api_account("editor", "curator"))]
_ANSWER: dict[int | str, dict[str, Any]] = {201: {"model": MediaAnswer, "headers": MADE}}


@router.post(
    PREFIX,
    status_code=201,
    responses={**_ANSWER, **problem_responses(409, 413, 415, 422)},
    openapi_extra=TAKES_PICTURE,
)
async def upload(  # noqa: PLR0917 - FastAPI names them all
    request: Request,
    response: Response,
    account: ApiEditor,
    state: Service,
    x: Annotated[Fraction, Query(description="the point that stays in the picture: 0 is left, 1 right")] = 0.5,
    y: Annotated[Fraction, Query(description="the same: 0 is top, 1 bottom")] = 0.5,
) -> MediaAnswer:
    """Send in a picture, as it is, up to 20 MB: JPEG, PNG or WebP. Repeating it makes no second one.

    It is turned upright and loses all metadata, such as place and time. It is seen by your organisation and by curators
    only, until an event that shows it is public.
    """
    return _answer(response, await add_picture(state, account, lambda: _read(request), make_focus(x, y)))


@router.post(
    f"{PREFIX}/{{media}}/focus", status_code=201, responses={**_ANSWER, **problem_responses(404, 409, 415, 422)}
)
async def move(media: str, response: Response, account: ApiEditor, state: Service, body: FocusSent) -> MediaAnswer:
    """Cut a picture of yours round another point. This gives another picture; the first stays as it is."""
    return _answer(response, await move_focus(state, account, media, make_focus(body.x, body.y)))


@router.delete(f"{PREFIX}/{{media}}", status_code=204, response_class=Response, responses=problem_responses(404, 409))
async def delete(media: str, account: ApiEditor, state: Service) -> None:
    """Delete a picture of yours that no event of yours has. Another organisation that has sent the same one keeps it.

    A picture that no event and no draft has had for 30 days is deleted by itself.
    """
    await delete_picture(state, account, media)


@router.get(f"{FILE_PREFIX}/{{file}}", response_class=Response, responses={200: FILES, **problem_responses(404)})
async def read(file: str, account: Viewer, state: Service) -> Response:
    """Read a picture of your organisation, or any as a curator: `<media>-<width>.<webp or jpg>`.

    `<media>-source.jpg` is the whole picture, of which the others are cut.
    """
    wanted = parse_file(file, sources=True)
    if wanted is None:
        raise NotFound
    media, name = wanted
    picture = await state.media.pictures.find(media)
    content = await state.media.pictures.read(media, name) if picture and may_see(account, picture) else None
    if content is None:
        raise NotFound
    headers = {"Cache-Control": "private, max-age=31536000, immutable"}
    return Response(content, media_type=FORMATS[name.rpartition(".")[2]], headers=headers)


async def _read(request: Request) -> bytes:
    """The middleware for limits bounds size and time."""
    data = bytearray()
    try:
        async for piece in request.stream():
            data += piece
    except ClientDisconnect:
        raise BadRequest from None  # nobody is there to read it
    return bytes(data)


def _answer(response: Response, picture: StoredPicture) -> MediaAnswer:
    files = [f"{FILE_PREFIX}/{picture.media}-{name}" for name in picture.names]
    response.headers["Location"] = files[-1]
    return MediaAnswer(
        media=picture.media,
        width=picture.width,
        height=picture.height,
        focus=FocusSent(x=picture.focus.x, y=picture.focus.y),
        files=files,
    )
