"""A due command is an address: what is to be done, for whom and when is read in the ledger."""

from collections.abc import Mapping
from typing import Any

import structlog

from chorus.events import ActivityDue, OccasionTarget, PersonTarget, PostTarget, Target
from chorus.vocabulary import Lane, SubjectKind
from chorus_execution import telemetry

_log = structlog.get_logger()


def ordered(said: ActivityDue, row: Mapping[str, Any], lane: Lane) -> ActivityDue | None:
    """The command as the ledger's row gives it; what the message said besides is counted, told and
    ignored. None: the ledger never gave it to this lane, or not yet. A field that the message does
    not have contradicts nothing: a program of before did not know it.

    An execution that is over keeps its number, so that it can be told that it is, as long as any
    is out. What has been heard of is None too: there is nothing left to do.
    """
    known = row["execution"]
    if known is None and said.execution <= (row["handed_over"] or 0):
        return None
    if known is None or said.execution > known or row["lane"] != lane:
        _contradicted(said, ["execution" if known is None or row["lane"] == lane else "lane"])
        return None
    order = _order(said, row)
    differing = [name for name, value in order.items() if getattr(said, name) != value]
    if not differing:
        return said
    contradicting = [name for name in differing if name in said.model_fields_set]
    if said.execution == known and contradicting:
        _contradicted(said, contradicting)
    return ActivityDue.model_validate(said.model_dump() | order)


def _order(said: ActivityDue, row: Mapping[str, Any]) -> dict[str, Any]:
    """All but the address itself."""
    names = ActivityDue.model_fields.keys() & row.keys() - {"activity_id", "execution"}
    return {name: row[name] for name in names} | {"target": _target(said, row)}


def _target(said: ActivityDue, row: Mapping[str, Any]) -> Target:
    if row["subject_kind"] == SubjectKind.PERSON:
        return PersonTarget(person_id=row["subject"], provider_id=row["target_social_id"])
    if row["subject_kind"] == SubjectKind.OCCASION:
        return OccasionTarget(occasion_id=row["subject"], provider_id=row["target_social_id"])
    return _post(said, row)


def _post(said: ActivityDue, row: Mapping[str, Any]) -> PostTarget:
    url, social_id = row["target_url"], row["target_social_id"]
    if url is None and social_id is None:
        # A row that names none, such as that of a publish: only the post is the ledger's.
        post = said.target if isinstance(said.target, PostTarget) else None
        url, social_id = (None, None) if post is None else (post.url, post.social_id)
    return PostTarget(post_id=row["post_id"], url=url, social_id=social_id)


def _contradicted(said: ActivityDue, fields: list[str]) -> None:
    telemetry.contradicted(said.lane)
    _log.warning(
        "command.contradicted",
        activity_id=said.activity_id,
        execution=said.execution,
        fields=fields,
    )
