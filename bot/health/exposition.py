"""The state as Prometheus reads it. Labels are ids of rules, tiers and states: no text, no name, no id of anybody."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.registry import Collector

from bot.compose import Bot
from bot.health.pulse import Pulse
from bot.health.state import Stored, age
from bot.health.tally import Tally
from storage.records import CaseState

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4


class Exposition(Collector):
    """Metrics of one bot, and of its process where the system tells them."""

    def __init__(self, bot: Bot, tally: Tally, pulse: Pulse) -> None:
        self._bot = bot
        self._tally = tally
        self._pulse = pulse
        self._stored: Stored | None = None
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self._registry.register(self)

    def text(self, stored: Stored | None) -> bytes:
        """All metrics in the text format; those of the database are left out where it told nothing."""
        self._stored = stored
        return generate_latest(self._registry)

    def collect(self) -> Iterable[Metric]:
        yield from self._of_process()
        yield _gauge("database_up", "Whether the database answers.", self._stored is not None)
        if self._stored is not None:
            yield from _of_database(self._stored)

    def _of_process(self) -> Iterator[Metric]:
        bot, tally = self._bot, self._tally
        yield _gauge(
            "gateway_connected", "Whether the account is logged in and receiving.", bot.presence.online
        )
        yield _gauge("event_loop_lag_seconds", "By how much the last beat was late.", self._pulse.lag)
        yield _gauge(
            "line_still_seconds", "For how long something is under way and nothing moves.", self._pulse.still
        )
        yield _counter("messages_received", "New messages that came in.", bot.line.inbox.received)
        yield _counter("messages_handled", "Messages that have their outcome, judged or not.", tally.handled)
        yield _counter("messages_judged", "Messages that the rules were asked about.", tally.judged)
        findings = CounterMetricFamily(
            "qungui_findings", "Findings by rule, at the tier of which they are.", labels=("rule", "tier")
        )
        for (rule, tier), count in sorted(tally.findings.items()):
            findings.add_metric((rule, tier), count)
        yield findings
        crashed = CounterMetricFamily(
            "qungui_rule_failures", "Messages on which a rule failed.", labels=("rule",)
        )
        for rule, count in sorted(tally.crashed.items()):
            crashed.add_metric((rule,), count)
        yield crashed
        yield _counter("sends", "Messages that left.", bot.outbox.left)
        yield _counter("send_failures", "Attempts to send that failed.", bot.outbox.failures)
        yield _gauge(
            "sending_paused", "Whether sending is paused after failures in a row.", bot.outbox.paused
        )


def _of_database(stored: Stored) -> Iterator[Metric]:
    inbox, outbox, now = stored.inbox, stored.outbox, stored.at
    yield _gauge("inbox_pending", "Messages that came in and have no outcome yet.", inbox.pending)
    yield _gauge("inbox_unread", "Messages whose content the gateway has not given so far.", inbox.unread)
    yield _gauge(
        "inbox_lag_seconds", "Age of the oldest message without an outcome.", age(inbox.oldest_pending, now)
    )
    yield _gauge("outbox_pending", "Messages that wait to be sent.", outbox.pending)
    yield _gauge("outbox_waiting_for_friend", "Private messages that wait for a friendship.", outbox.waiting)
    yield _gauge("outbox_dead", "Messages that were given up.", outbox.dead)
    yield _gauge("outbox_withheld", "Messages of dry runs, which never leave.", outbox.withheld)
    yield _gauge(
        "outbox_lag_seconds", "How long the oldest message has been due.", age(outbox.oldest_due, now)
    )
    cases = GaugeMetricFamily("qungui_cases", "Cases by their state.", labels=("state",))
    for state in CaseState:
        cases.add_metric((state.value,), stored.cases.get(state, 0))
    yield cases
    yield _gauge("blind_seconds", "For how long nothing can be seen now; 0 while the bot sees.", stored.blind)
    yield _gauge("blind_day_seconds", "For how long nothing could be seen within 24 hours.", stored.blind_day)
    if (check := stored.self_check) is not None:
        yield _gauge(
            "self_check_timestamp_seconds", "When the last daily check was due.", check.at.timestamp()
        )
        yield _gauge("self_check_completed", "Whether it came to its end.", check.findings is not None)
        if check.findings is not None:
            yield _gauge("self_check_findings", "What it found that does not hold.", check.findings)
    if (asking := stored.asking) is not None:
        yield _gauge("second_opinion_requests_today", "Second opinions asked for today.", asking.asked)
        yield _gauge("second_opinion_daily_budget", "How many are asked for per day at most.", asking.budget)
        yield _gauge("second_opinion_paused", "Whether nobody is asked, after failures.", asking.paused)


def _gauge(name: str, said: str, value: float) -> Metric:
    return GaugeMetricFamily(f"qungui_{name}", said, value=float(value))


def _counter(name: str, said: str, value: float) -> Metric:
    return CounterMetricFamily(f"qungui_{name}", said, value=float(value))
