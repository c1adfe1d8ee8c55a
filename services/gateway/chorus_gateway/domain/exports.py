"""What stands in an export: its columns, and which of them are personal. Pure."""

from typing import Final, Literal

Exported = Literal["members", "activities", "decisions"]

COLUMNS: Final[dict[Exported, tuple[str, ...]]] = {
    "members": (
        "id", "pod_id", "account_id", "owner_user_id", "name", "linkedin_url",
        "provider_account_id", "account_status", "active", "kinds", "consented_kinds",
        "left_by_owner", "declined_kinds", "last_activity_at", "created_at", "updated_at",
    ),
    "activities": (
        "id", "post_id", "pod_id", "account_id", "member_id", "member_name", "platform", "kind",
        "lane", "state", "reason_code", "reason", "target_url", "post_author", "draft_text",
        "final_text", "scheduled_for", "executed_at", "attempt", "max_attempts", "failure_count",
        "result_url", "verified", "needs_person", "effect", "stopped_at", "stopped_by", "approval",
        "approved_by", "approved_at", "correlation_id", "created_at", "updated_at",
    ),
    "decisions": (
        "id", "at", "activity_id", "post_id", "account_id", "kind", "code", "sentence",
        "limit_name", "limit_value", "limit_used", "next_possible_at", "actor", "correlation_id",
    ),
}  # fmt: skip
PERSONAL: Final = frozenset(
    {
        "name",
        "linkedin_url",
        "provider_account_id",
        "member_name",
        "post_author",
        "draft_text",
        "final_text",
        "result_url",
        "reason",
        "sentence",
    }
)
"""Who somebody is, and what they, or others of them, say."""


def columns_of(what: Exported, *, personal: bool) -> tuple[str, ...]:
    """Those that this export has, in their order."""
    return tuple(name for name in COLUMNS[what] if personal or name not in PERSONAL)
