"""Whether the careful models use what goes beyond PyTorch's own operations.

`careful` is what a good PyTorch engineer writes: PyTorch's operations, their
gradients, its dropout. `tuned` has a hand-written gradient of the attention,
and dropout from 16 random bits an element.
"""

on = False
