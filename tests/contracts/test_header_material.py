"""Auto-mapping against header rows of real platforms: nothing wrong for points, permission, phone or e-mail."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline.files.profile import Profiler  # noqa: F401 - replaced below
