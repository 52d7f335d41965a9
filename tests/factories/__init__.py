"""Makers of test material: seeded tables of customer rows, files of them in three formats, scenarios."""

from tests.factories.files import write_csv, write_table, write_xls, write_xlsx
from tests.factories.people import People
from tests.factories.rows import TEMPLATE, FileTable, make_table
from tests.factories.scenarios import CommandStep, ImportStep, Step, make_scenario, play_step, run_command

__all__ = [
    "TEMPLATE",
    "CommandStep",
    "FileTable",
    "ImportStep",
    "People",
    "Step",
    "make_scenario",
    "make_table",
    "play_step",
    "run_command",
    "write_csv",
    "write_table",
    "write_xls",
    "write_xlsx",
]
