"""The measured sizes, `benchmarks/sizes.json`, shared with the TypeScript side."""

import json
from pathlib import Path

ALL = json.loads((Path(__file__).resolve().parent.parent / "sizes.json").read_text())

LEARNING_RATE = 2e-4
CLIP_NORM = 0.25
"""Of the authors' training on the sorting task."""

PRIOR_WIDTH = 0.05
"""sigma_0 of the penalty, as the authors' command line has it."""


def sorting(name):
    """One size of the sorting models by its name; `KeyError` if there is none."""
    return ALL["sorting"][name]
