"""`/metrics` in Prometheus' text format, read from the database at the scrape.

The numbers of messages are gauges: they survive a restart, and fall when old messages are erased,
which a counter may not.
"""

import platform
from collections.abc import Iterable, Iterator
from importlib.metadata import version

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from bot.faces.ops.snapshot import DEAD, Snapshot
from bot.post.states import State
from bot.service import Noon

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"


def exposition(
    noon: Noon, snapshot: Snapshot | None, circuits: Iterable[tuple[str, bool]]
) -> bytes:
    """Return all metrics; without a snapshot, those that need no database."""
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    registry.register(_Families([*_own(noon, snapshot, circuits), *_kept(snapshot)]))
    return generate_latest(registry)


class _Families(Collector):
    """Metrics that are there already."""

    def __init__(self, families: list[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterable[Metric]:
        """Return them."""
        return self._families


def _gauge(name: str, what: str, labels: tuple[str, ...] = ()) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"noon_{name}", what, labels=labels)


def _own(
    noon: Noon, snapshot: Snapshot | None, circuits: Iterable[tuple[str, bool]]
) -> Iterator[Metric]:
    about = _gauge("build_info", "What runs.", ("version", "python", "database"))
    backend = noon.settings.database.get_backend_name()
    about.add_metric([version("noon"), platform.python_version(), backend], 1)
    yield about
    works = _gauge("database_up", "1 if the database answered this scrape in time.")
    works.add_metric([], float(snapshot is not None))
    yield works
    clock = _gauge("clock_seconds", "Noon's clock, in seconds since 1970; shifted in a rehearsal.")
    clock.add_metric([], noon.clock.now().timestamp())
    yield clock
    broken = _gauge("circuit_open", "1 while a provider gets no mail.", ("provider",))
    for provider, is_open in circuits:
        broken.add_metric([provider], float(is_open))
    yield broken


def _kept(snapshot: Snapshot | None) -> Iterator[Metric]:
    if snapshot is None:
        return
    yield from _waiting(snapshot)
    yield from _messages(snapshot)
    yield from _telegram(snapshot)
    yield from _canary(snapshot)
    yield from _incidents(snapshot)


def _waiting(snapshot: Snapshot) -> Iterator[Metric]:
    where = ("kind", "channel")
    length = _gauge("queue_length", "Messages that are due and have not left.", where)
    oldest = _gauge("queue_oldest_seconds", "How late the oldest of them is.", where)
    for queue in snapshot.queues:
        length.add_metric([queue.kind, queue.channel], queue.length)
        oldest.add_metric([queue.kind, queue.channel], max(0.0, queue.oldest))
    soon = _gauge("next_due_seconds", "When the next one is due, in seconds since 1970.", where)
    for place, moment in snapshot.next_due.items():
        soon.add_metric(place, moment.timestamp())
    yield from (length, oldest, soon)


def _messages(snapshot: Snapshot) -> Iterator[Metric]:
    numbers: dict[tuple[str, str, str], int] = {}
    stopped = _gauge("needs_person", "Messages that are left to a person.", ("kind", "channel"))
    for (kind, channel, state), count in snapshot.counts.items():
        place = (kind, channel, "dead" if state in DEAD else state)
        numbers[place] = numbers.get(place, 0) + count
        if state == State.NEEDS_HUMAN:
            stopped.add_metric([kind, channel], count)
    what = "Messages kept, by state; dead: rejected, left to a person, or expired."
    family = _gauge("messages", what, ("kind", "channel", "state"))
    for place, count in sorted(numbers.items()):
        family.add_metric(place, count)
    yield from (family, stopped)


def _telegram(snapshot: Snapshot) -> Iterator[Metric]:
    backlog = _gauge("telegram_updates_waiting", "Updates from Telegram not yet answered.")
    backlog.add_metric([], snapshot.updates)
    oldest = _gauge("telegram_update_oldest_seconds", "The age of the oldest of them.")
    oldest.add_metric([], max(0.0, snapshot.oldest_update))
    leases = _gauge("leases", "Leases held in the database, by what they are for.", ("purpose",))
    for purpose, count in sorted(snapshot.leases.items()):
        leases.add_metric([purpose], count)
    contacts = _gauge("contacts", "Confirmed mailboxes and chats.", ("channel",))
    for channel, count in sorted(snapshot.contacts.items()):
        contacts.add_metric([channel], count)
    yield from (backlog, oldest, leases, contacts)


def _canary(snapshot: Snapshot) -> Iterator[Metric]:
    lost = _gauge("canary_lost", "1 if the newest canary has not arrived in time.")
    lost.add_metric([], float(snapshot.canary.lost))
    yield lost
    if snapshot.canary.arrived_at is not None:
        age = _gauge("canary_age_seconds", "Seconds since a canary arrived.")
        age.add_metric([], (snapshot.at - snapshot.canary.arrived_at).total_seconds())
        yield age


def _incidents(snapshot: Snapshot) -> Iterator[Metric]:
    what = (
        "Notices to the agency, by how they stand; those of windows closed long ago are left out."
    )
    stand = _gauge("incidents", what, ("standing",))
    for standing, number in snapshot.incidents.standings.items():
        stand.add_metric([standing.value], number)
    waiting = _gauge("incidents_unattended", "Those that need a person now.")
    waiting.add_metric([], len(snapshot.incidents.unattended))
    yield from (stand, waiting)
