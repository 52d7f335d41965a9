"""Which texts are commands, and which only hold one of their words."""

import pytest

from pipeline.texts.words import read_meaning
from schemas.states import Meaning


@pytest.mark.parametrize(
    ("texts", "meaning"),
    [
        (
            "STOP|stop|Stop.|  s t o p\n|S.T.O.P!!!|“stop”|ＳＴＯＰ|STOP \U0001f6d1|st\u200bop|Opt-Out|opt out",
            Meaning.STOP,
        ),
        (
            "StopAll|stop all|UNSUBSCRIBE|cancel|END|Quit|OPTOUT|revoke|stop please|ARRÊT|arre\u0302t|unsuscribe",
            Meaning.STOP,
        ),
        ("START|start!|Un-Stop", Meaning.START),
        ("YES|yes :)|Y|Yes.", Meaning.YES),
        ("HELP|info?", Meaning.HELP),
        (
            "|...|stop it now or else|I can't stop|don't stop|yes or no|no|yes please stop|started|endless|the end|1",
            Meaning.NONE,
        ),
    ],
)
def test_a_message_counts_as_a_whole(texts: str, meaning: Meaning) -> None:
    for text in texts.split("|"):
        assert read_meaning(text) == meaning, text
