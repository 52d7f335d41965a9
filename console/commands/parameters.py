"""Parameters that several commands have. Owns no command."""

from typing import Annotated

import typer

AccountName = Annotated[str, typer.Option("--account", help="The account.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object a line and nothing else.")]
ImportId = Annotated[int, typer.Argument(metavar="IMPORT", help="The number of the import.")]
Wait = Annotated[bool, typer.Option("--wait/--no-wait", help="Wait until it is done.")]
