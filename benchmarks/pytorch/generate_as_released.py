"""Greedy generation by the modules as released: every token is a forward over memories that are hidden states.

Keys and values of all rows, and those of the long-term memory, are projected
anew for each token; the long-term memory takes a segment in when as many rows
have left the short-term memory. A unit is one token in every sequence.
"""

import torch

import infinite_as_released
import sizes
from initial import initialise


class Generation:
    def __init__(self, model, size, sequences, seed):
        torch.manual_seed(seed)
        self.size = sizes.sorting(size)
        self.model = infinite_as_released.InfiniteFormer(self.size, self.size[model], (sizes.PRIOR_WIDTH, None))
        initialise(self.model).eval()
        self.parameters = sum(p.numel() for p in self.model.parameters())
        torch.manual_seed(seed)
        self.start(sequences)

    @torch.inference_mode()
    def start(self, sequences):
        """Fills the memories with three random segments."""
        length, mems = self.size["segmentLength"], None
        for ids in torch.randint(20, (3, sequences, length)):
            _, mems, _ = self.model(ids.t(), mems, False)
        self.mems, self.count, self.token = mems, 0, torch.zeros(1, sequences, dtype=torch.int64)

    @torch.inference_mode()
    def run(self, units):
        for _ in range(units):
            full = self.count % self.size["segmentLength"] == 0
            logits, self.mems, _ = self.model(self.token, self.mems, True, update=full)
            self.token = logits.argmax(-1)
            self.token.tolist()  # the token, read
            self.count += 1
        return None
