"""Training steps of the plain decoder on random characters. A unit is one step."""

import torch

import sizes
from nanogpt import NanoGpt, Trainer

VOCABULARY = 90
"""A round number near Moby-Dick's 89 characters."""


class NanoGptStep:
    def __init__(self, seed):
        torch.manual_seed(seed)
        self.size = sizes.ALL["nanogpt"]
        self.trainer = Trainer(NanoGpt(self.size, VOCABULARY), self.size, self.size["steps"])
        self.parameters = sum(p.numel() for p in self.trainer.model.parameters())

    def run(self, units):
        for _ in range(units):
            ids = torch.randint(VOCABULARY, (self.size["batch"], self.size["block"] + 1))
            value = self.trainer.step(ids[:, :-1], ids[:, 1:]).item()
        return value
