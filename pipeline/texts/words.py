"""What a shopper's text asks for: the words that count, each as a whole message. Owns no effect."""

import unicodedata

from schemas.states import Meaning

# The words that carriers and gateways know, and ways in which people write them. To stop must be easy, so a slip of the
# finger or a `please` counts; for a yes only the words that we ask for do.
_STOP = """
    stop stopall stopit stopp stoppp stopplease pleasestop stoptexting stoptextingme stoptexts stopmessages stopnow
    stop2end arret arrêt unsubscribe unsubscribeme unsub unsubcribe unsuscribe unsubscibe unsubscrible cancel cancelall
    cancell end endall quit optout optmeout optedout optoutall revoke revokeall remove removeme
"""
_WORDS = {
    **dict.fromkeys(_STOP.split(), Meaning.STOP),
    **dict.fromkeys(("start", "unstop"), Meaning.START),
    **dict.fromkeys(("yes", "y"), Meaning.YES),
    **dict.fromkeys(("help", "info"), Meaning.HELP),
}


def read_meaning(text: str) -> Meaning:
    """What a message says as a whole; case, punctuation, white space and signs are passed over."""
    return _WORDS.get(_letters(text), Meaning.NONE)


def _letters(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(sign for sign in unicodedata.normalize("NFC", folded) if sign.isalnum())
