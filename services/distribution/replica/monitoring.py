"""Readiness checks, notes and metrics of distribution."""

from __future__ import annotations

from math import nan
from typing import Final

from services.distribution.feeds.cache import FeedCache
from services.distribution.feeds.front import FeedFront
from services.distribution.media.picture_files import PictureFiles
from services.distribution.replica.replica import Replica
from services.distribution.replica.snapshot_writer import SnapshotWriter
from shared.eventlog.topic_reader import TopicReader
from shared.web.ops.health import Health

MAX_LISTED: Final = 5


def register_replica(health: Health, replica: Replica, snapshots: SnapshotWriter) -> None:
    """Ages are in seconds. An old programme is a note, not a failed check: feeds keep answering and state their age."""
    reader = replica.reader
    health.add_readiness_check(
        "programme",
        lambda: None if replica.is_open() else f"{reader.read_count} records of the programme are read so far",
    )
    health.add_note("programme_age", replica.describe_problem)
    health.add_note("snapshot", snapshots.describe_problem)
    health.add_note("skipped", lambda: _describe_skipped(reader))
    health.add_gauge("kal_programme_events", "Public events in memory.", lambda: len(replica.programme))
    health.add_gauge("kal_programme_lag", "Records of the programme still to be read.", lambda: reader.lag or 0)
    health.add_gauge(
        "kal_programme_age_seconds", "Since all of it is known to be read.", lambda: _to_number(replica.age)
    )
    health.add_gauge(
        "kal_record_age_seconds", "Since the newest record was written.", lambda: _to_number(replica.record_age)
    )
    health.add_gauge(
        "kal_feed_age_seconds", "How old feeds say they are; 0 while they say nothing.", lambda: _get_feed_age(replica)
    )
    health.add_counter("kal_records_skipped_total", "Records that could not be read.", lambda: reader.skipped_count)
    health.add_gauge("kal_snapshot_age_seconds", "Since the snapshot was written.", lambda: _to_number(snapshots.age))
    health.add_gauge("kal_snapshot_bytes", "Bytes of the last snapshot written.", lambda: snapshots.bytes)
    health.add_counter(
        "kal_snapshot_failures_total", "Snapshots that could not be written.", lambda: snapshots.failure_count
    )


def register_feeds(health: Health, front: FeedFront, feeds: FeedCache) -> None:
    health.add_note("quarantine", lambda: _describe_quarantine(feeds))
    health.add_gauge("kal_feeds", "Feeds in memory.", lambda: len(feeds))
    health.add_gauge("kal_feeds_bytes", "Bytes that feeds keep.", lambda: feeds.size)
    health.add_counter("kal_feed_answers_total", "Requests for feeds answered.", front.count_responses, label="kind")
    health.add_counter("kal_blocks_rendered_total", "Events rendered.", lambda: feeds.rendered.render_count)
    health.add_counter(
        "kal_blocks_failed_total", "Events that could not be read or rendered.", lambda: feeds.quarantine.failure_count
    )
    health.add_gauge(
        "kal_events_quarantined", "Events missing from feeds, pages or the API.", lambda: len(feeds.quarantine.events)
    )


def register_pictures(health: Health, files: PictureFiles) -> None:
    health.add_note("pictures", files.describe_problem)
    health.add_gauge("kal_pictures_bytes", "Bytes of pictures that are kept in memory.", lambda: files.size)


def _to_number(age: float | None) -> float:
    """Prometheus has a number for what is not known."""
    return nan if age is None else age


def _get_feed_age(replica: Replica) -> float:
    return 0.0 if replica.is_live() else _to_number(replica.age)


def _describe_quarantine(feeds: FeedCache) -> str | None:
    missing = feeds.quarantine.events
    said = [
        f"{each.event_id} in {each.variant.format} {each.variant.language}: {each.reason}"
        for each in missing[:MAX_LISTED]
    ]
    return f"{len(missing)} missing: {'; '.join(said)}" if missing else None


def _describe_skipped(reader: TopicReader) -> str | None:
    said = [f"{each.partition}/{each.offset} {each.key}: {each.reason}" for each in list(reader.skipped)[-MAX_LISTED:]]
    return f"{reader.skipped_count} records could not be read: {'; '.join(said)}" if said else None
