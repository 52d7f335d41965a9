"""What a row wishes about a channel, and the words it said it in. Decides nothing about a persona's permission."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.rows.columns import Mask, is_true
from schemas.staging import WISH_DEFAULT, WISH_IN, WISH_OUT


@dataclass(frozen=True, slots=True)
class Answers:
    """A yes-or-no column: the answers, the cells as they came, and which rows say anything at all, readable or not."""

    yes_no: pa.BooleanArray
    text: pa.StringArray
    said: Mask


def read_wishes(
    rows: int, opt_in: Answers | None, opt_out: Answers | None, *, by_default: bool
) -> tuple[pa.StringArray, pa.StringArray]:
    """The wish of each row and the text that says it, both null where there is none; an opt-out beats an opt-in."""
    wishes = pa.nulls(rows, pa.string())
    texts = pa.nulls(rows, pa.string())
    if by_default:
        silent = np.ones(rows, dtype=bool)
        for answers in (opt_in, opt_out):
            if answers is not None:
                silent &= ~answers.said
        wishes = pc.if_else(pa.array(silent), WISH_DEFAULT, wishes)
    for answers, wish in ((opt_in, WISH_IN), (opt_out, WISH_OUT)):
        if answers is not None:
            yes = pa.array(is_true(answers.yes_no))
            wishes = pc.if_else(yes, wish, wishes)
            texts = pc.if_else(yes, answers.text, texts)
    return wishes, texts
