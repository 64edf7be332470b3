"""One layer's long-term memory at work: it takes a segment in and the queries of the next one read it.

Gate, coefficients, keys, values, densities, context and its output map; no
gradients. A unit is one segment.
"""

import torch

import long_term_as_released
import long_term_careful
import sizes


class MemoryUpdate:
    def __init__(self, size, variant, seed):
        torch.manual_seed(seed)
        size = sizes.sorting(size)
        memory = size["infinite-former"]
        heads, head_size, width = size["heads"], size["headSize"], size["modelSize"]
        self.released = variant == "as-released"
        module = long_term_as_released if self.released else long_term_careful
        self.layer = module.LongTermAttention(
            heads, head_size, width, memory["longTermLength"], memory, memory["gate"], prior=(sizes.PRIOR_WIDTH, None)
        )
        self.parameters = sum(p.numel() for p in self.layer.parameters())
        self.rows = torch.randn(size["batch"], memory["longTermLength"], width)
        self.queries = torch.randn(size["batch"], heads, size["segmentLength"], head_size)
        self.coefficients = None
        self.run(1)

    def update(self):
        if self.released:
            k, q = self.rows.transpose(0, 1), self.queries.permute(2, 0, 1, 3).flatten(2)
            return self.layer(k, q, self.layer.B_past is None)[0]
        layer = self.layer
        self.coefficients = layer.absorb(self.coefficients, self.rows)
        mean, variance = layer.densities(self.queries.transpose(0, 1), layer.keyed(self.coefficients))
        return layer.read(mean, variance, layer.values(self.coefficients))

    @torch.inference_mode()
    def run(self, units):
        for _ in range(units):
            self.update()
        return None
