"""What the other headers of a file say about a column. Looks at no values."""

from collections.abc import Mapping as Lookup
from collections.abc import Sequence
from dataclasses import replace

from pipeline.mapping.candidates import Candidate
from pipeline.mapping.names import header_key, words_of

_ADDRESS = ("address", "city", "postal_code", "state", "country", "address2")
#: Where a sign-up was made, guessed from the network: a file with these has no postal address under `Region`.
_GUESSED_REGION = frozenset({"gmtoff", "dstoff", "optinip", "confirmip"})
_GUESSED_PLACE = frozenset({"latitude", "longitude", *_GUESSED_REGION})
#: A list of awards: its identifiers are of the awards.
_AWARD = frozenset({"explanation", "reason", "awardreason", "pointsreason", "adjustmentreason"})
_MOVEMENTS = ("earned", "redeemed", "spent", "lifetime", "used", "expired", "expiring")
_BALANCES = ("balance", "total", "current", "available", "remaining", "loyaltypoints")
#: What only a till or a shop system knows: a file with these was exported from one.
_RECORDS = words_of(
    "lastvisit lastvisited lastvisitdate lastpurchase lastpurchasedate lastpurchased lastorder lastorderdate "
    "lastactivity lastactive lastseen lastcheckin lasttransaction lasttransactiondate firstvisit firstpurchase visits "
    "totalvisits visitcount visitscount numberofvisits orders totalorders orderscount ordercount numberoforders "
    "totalspent totalspend amountspent lifetimespend lifetimespent lifetimevalue lifetimepurchases totalpurchases "
    "purchases averageorder averageordervalue aov transactioncount totaltransactions totalcheckins checkins "
    "customersince userregistered userpass"
)
#: Printed in our own templates and nowhere else.
_OURS = words_of("optinsms optinemail explicitsmsoptout")
_LOYALTY_WORDS = ("stamp", "loyal", "points", "reward")


def drop_misplaced(candidates: Lookup[str, Candidate], headers: Sequence[str]) -> dict[str, Candidate]:
    """The candidates without those that their neighbours show to be something else."""
    keys = {header_key(header) for header in headers}
    misplaced: set[str] = set()
    if keys & _GUESSED_REGION:
        misplaced |= {"region", "cc"}
    if keys & _GUESSED_PLACE and not any(c.field in ("address", "postal_code") for c in candidates.values()):
        misplaced |= {"region", "country", "countrycode", "city"}
    if keys & _AWARD and any(candidate.field == "points" for candidate in candidates.values()):
        misplaced |= {"identifier", "id", "uuid", "referenceid"}
    if not any(word in key for key in keys for word in _LOYALTY_WORDS):
        misplaced |= {"dateadd"}
    kept = {header: candidate for header, candidate in candidates.items() if header_key(header) not in misplaced}
    return {header: _doubt_balance(candidate, keys) for header, candidate in kept.items()}


def _doubt_balance(candidate: Candidate, keys: set[str]) -> Candidate:
    """Plain `Points` in an export, which has points earned or what a till knows, is the balance unless another is."""
    if candidate.field != "points" or candidate.rank or keys & _OURS:
        return candidate
    others = {key for key in keys if ("points" in key or "pts" in key) and key != "points"}
    moved = {key for key in others if any(word in key for word in _MOVEMENTS)}
    has_balance = any(word in key for key in others - moved for word in _BALANCES)
    is_export = bool(moved or keys & _RECORDS)
    return replace(candidate, doubtful=candidate.doubtful or (is_export and not has_balance))


def keep_one_address(candidates: Lookup[str, Candidate]) -> dict[str, Candidate]:
    """The candidates with the parts of a single address: never the street of home with the city of work."""
    parts = {header: candidate for header, candidate in candidates.items() if candidate.field in _ADDRESS}
    if not parts:
        return dict(candidates)
    leading = min(parts.values(), key=lambda part: (_ADDRESS.index(part.field), part.rank))
    fits = {part.field for part in parts.values() if part.place in ("", leading.place)}
    return {
        header: candidate
        for header, candidate in candidates.items()
        if header not in parts
        or candidate.place in ("", leading.place)
        # Where the address says no more than `Address`, a part that stands only elsewhere completes it.
        or (not leading.place and candidate.field not in fits)
    }
