"""The six stages, in order: the table of contents of the system."""

from typing import cast

from pipeline.stages import apply, audience, dedupe, map, parse, texts
from pipeline.work import Stage
from schemas.states import StageName

STAGES: dict[StageName, Stage] = {
    StageName.PARSE: cast("Stage", parse),
    StageName.MAP: cast("Stage", map),
    StageName.DEDUPE: cast("Stage", dedupe),
    StageName.APPLY: cast("Stage", apply),
    StageName.AUDIENCE: cast("Stage", audience),
    StageName.TEXTS: cast("Stage", texts),
}
