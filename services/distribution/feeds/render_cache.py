"""The render cache: each event is rendered once per revision, language and format."""

from __future__ import annotations

from collections.abc import Mapping

from services.distribution.feeds.gzip_chunks import RenderedEvent, create_rendered_event
from services.distribution.formats import Format
from services.distribution.presentation.quarantine import Quarantine, Variant
from services.distribution.programme.indexed_event import EVENT, NOTICE, IndexedEvent


class RenderCache:
    """Rendered events and notices of every variant in use; events that cannot be rendered go to the quarantine."""

    def __init__(self, formats: Mapping[str, Format], quarantine: Quarantine | None = None) -> None:
        self.quarantine = quarantine or Quarantine()
        self._formats = formats
        self._variants: dict[Variant, dict[str, tuple[int, RenderedEvent | None]]] = {}
        self.render_count = 0
        """How many events and notices were rendered since the start."""

    def has(self, variant: Variant, event: IndexedEvent, item: int = EVENT) -> bool:
        return self._variants.get(_get_item_variant(variant, item), {}).get(event.id, (0, None))[0] == event.revision

    def get(self, variant: Variant, event: IndexedEvent, item: int = EVENT) -> RenderedEvent | None:
        """Render an event, or its notice, unless this revision already is; None if it cannot be rendered."""
        cache = self._variants.setdefault(_get_item_variant(variant, item), {})
        known = cache.get(event.id)
        if known is None or known[0] != event.revision:
            known = cache[event.id] = (event.revision, self._render(variant, event, item))
        return known[1]

    def forget_event(self, event_id: str) -> None:
        for cache in self._variants.values():
            cache.pop(event_id, None)

    def forget_variant(self, variant: Variant) -> None:
        for item in (EVENT, NOTICE):
            self._variants.pop(_get_item_variant(variant, item), None)
            self.quarantine.forget_variant(_get_item_variant(variant, item))

    def _render(self, variant: Variant, event: IndexedEvent, item: int) -> RenderedEvent | None:
        self.render_count += 1
        format_ = self._formats[variant.format]
        render, changed_at = (
            (format_.render_event, event.changed_at) if item == EVENT else (format_.render_notice, event.notice_at)
        )
        body = self.quarantine.render(
            _get_item_variant(variant, item), event, lambda message: render(message, variant.language)
        )
        return None if body is None else create_rendered_event(body, changed_at)


def _get_item_variant(variant: Variant, item: int) -> Variant:
    return variant if item == EVENT else Variant(f"{variant.format} notice", variant.language)
