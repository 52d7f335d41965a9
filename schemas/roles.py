"""The database's roles: what a process may do there, by what it is. What each is granted stands in the migrations."""

from enum import StrEnum


class Role(StrEnum):
    """Whoever owns the tables and migrates them has none of these: that is the login itself."""

    #: Workers: they add to the ledger and to the consent events, and can change neither.
    WORKER = "personas_worker"
    #: Commands of people. May also move and delete ledger lines, since merging and forgetting do.
    STAFF = "personas_staff"
    #: Commands that only look: find, show, export, history, rejects.
    READER = "personas_reader"
    #: The one task that looks at the personas of all accounts: of each it sees phone and consent, never a name.
    SENDER = "personas_sender"
