"""Every table, by subject.

Bulk child tables carry no foreign keys: these cost a third of an import's time; a checker proves the references.
"""

from schemas.tables.accounts import accounts, api_tokens, attribute_names, saved_mappings
from schemas.tables.audiences import audiences, double_opt_in_texts, incoming_texts
from schemas.tables.base import metadata
from schemas.tables.commands import merges, scrubs, staff_edits, unblocks
from schemas.tables.imports import attempts, checkpoints, imports, notices, outcomes, rejects
from schemas.tables.personas import blocklist, consent_events, identity_changes, ledger, personas

__all__ = [
    "accounts",
    "api_tokens",
    "attempts",
    "attribute_names",
    "audiences",
    "blocklist",
    "checkpoints",
    "consent_events",
    "double_opt_in_texts",
    "identity_changes",
    "imports",
    "incoming_texts",
    "ledger",
    "merges",
    "metadata",
    "notices",
    "outcomes",
    "personas",
    "rejects",
    "saved_mappings",
    "scrubs",
    "staff_edits",
    "unblocks",
]
