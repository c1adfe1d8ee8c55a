"""Fakes and waiters for tests. Each fake passes the contract suite of what it stands for."""

from chorus.testing.clock import FakeClock
from chorus.testing.publisher import FakePublisher
from chorus.testing.records import FakeRecord, record_of
from chorus.testing.waiting import eventually

__all__ = ["FakeClock", "FakePublisher", "FakeRecord", "eventually", "record_of"]
