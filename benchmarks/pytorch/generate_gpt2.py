"""Greedy generation by the `transformers` package's GPT-2 with its cache. A unit is one token in every sequence."""

import torch

import gpt2
import sizes

PROMPT = sizes.ALL["gpt2"]["prompt"]


class Gpt2Generation:
    def __init__(self, sequences, seed):
        torch.manual_seed(seed)
        self.model = gpt2.small().eval()
        self.positions = self.model.config.n_positions
        self.prompt = torch.randint(self.model.config.vocab_size, (sequences, PROMPT))
        self.parameters = sum(p.numel() for p in self.model.parameters())
        self.restart()

    def restart(self):
        self.ids, self.cache, self.length = self.prompt, None, 0

    @torch.inference_mode()
    def run(self, units):
        for _ in range(units):
            if self.length + self.ids.size(1) > self.positions:
                self.restart()
            out = self.model(input_ids=self.ids, past_key_values=self.cache, use_cache=True, logits_to_keep=1)
            self.length += self.ids.size(1)
            self.cache, self.ids = out.past_key_values, out.logits[:, -1:].argmax(-1)
            self.ids.tolist()  # the token, read
        return None
