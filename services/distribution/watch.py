"""What distribution tells operators: whether it has a programme to show, and numbers of what may go wrong quietly."""

from __future__ import annotations

from math import nan
from typing import Final

from services.distribution.feeds import Feeds
from services.distribution.keeping import Keeping
from services.distribution.serving import FeedFront
from services.distribution.standing import Standing
from shared.eventlog.replay import Replay
from shared.web.health import Health

MOST_SAID: Final = 5


def watch_standing(health: Health, standing: Standing, keeping: Keeping) -> None:
    """Watch the programme, the log it is read from and the snapshot it is kept in; ages are in seconds.

    A programme that is old is a note and no reason to be sent away: feeds answer what they had, and say its age.
    """
    replay = standing.replay
    health.must_be_ready(
        "programme",
        lambda: None if standing.is_open() else f"{replay.read_count} records of the programme are read so far",
    )
    health.note("programme_age", standing.note)
    health.note("snapshot", keeping.note)
    health.note("skipped", lambda: _skipped(replay))
    health.gauge("kal_programme_events", "Public events in memory.", lambda: len(standing.programme))
    health.gauge("kal_programme_lag", "Records of the programme still to be read.", lambda: replay.lag or 0)
    health.gauge("kal_programme_age_seconds", "Since all of it is known to be read.", lambda: _number(standing.age))
    health.gauge("kal_record_age_seconds", "Since the newest record was written.", lambda: _number(standing.record_age))
    health.gauge(
        "kal_feed_age_seconds", "How old feeds say they are; 0 while they say nothing.", lambda: _said(standing)
    )
    health.counter("kal_records_skipped_total", "Records that could not be read.", lambda: replay.skipped_count)
    health.gauge("kal_snapshot_age_seconds", "Since the snapshot was written.", lambda: _number(keeping.age))
    health.gauge("kal_snapshot_bytes", "Bytes of the last snapshot written.", lambda: keeping.bytes)
    health.counter("kal_snapshot_failures_total", "Snapshots that could not be written.", lambda: keeping.failures)


def watch_feeds(health: Health, front: FeedFront, feeds: Feeds) -> None:
    """Watch the feeds, and the events that are missing from them."""
    health.note("quarantine", lambda: _quarantined(feeds))
    health.gauge("kal_feeds", "Feeds in memory.", lambda: len(feeds))
    health.gauge("kal_feeds_bytes", "Bytes that feeds keep.", lambda: feeds.weight)
    health.counter("kal_feed_answers_total", "Requests for feeds answered.", front.answers, label="kind")
    health.counter("kal_blocks_rendered_total", "Events rendered.", lambda: feeds.blocks.rendered)
    health.counter("kal_blocks_failed_total", "Events that could not be rendered.", lambda: feeds.blocks.failed)
    health.gauge("kal_events_quarantined", "Events missing from feeds.", lambda: len(feeds.blocks.quarantine))


def _number(age: float | None) -> float:
    """Prometheus has a number for what is not known."""
    return nan if age is None else age


def _said(standing: Standing) -> float:
    return 0.0 if standing.is_live() else _number(standing.age)


def _quarantined(feeds: Feeds) -> str | None:
    missing = feeds.blocks.quarantine
    said = [
        f"{each.event_id} in {each.kind.extension} {each.kind.language}: {each.reason}" for each in missing[:MOST_SAID]
    ]
    return f"{len(missing)} missing from feeds: {'; '.join(said)}" if missing else None


def _skipped(replay: Replay) -> str | None:
    said = [f"{each.partition}/{each.offset} {each.key}: {each.reason}" for each in list(replay.skipped)[-MOST_SAID:]]
    return f"{replay.skipped_count} records could not be read: {'; '.join(said)}" if said else None
