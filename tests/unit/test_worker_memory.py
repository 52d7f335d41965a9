"""What a worker does without; in a process of its own, since it is for good."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
_PROGRAM = """
import sys
from workers.memory import spare_memory
spare_memory()
import numpy as np
import pyarrow as pa
import workers.tasks
pa.array(np.zeros(3))
assert "pandas" not in sys.modules
print(pa.default_memory_pool().backend_name)
"""


def test_a_worker_converts_arrays_without_pandas_and_frees_what_it_took() -> None:
    done = subprocess.run([sys.executable, "-c", _PROGRAM], cwd=ROOT, check=True, capture_output=True, text=True)
    assert done.stdout == "system\n"
