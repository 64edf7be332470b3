"""Training steps of the Compressive Transformer on the sorting task. A unit is one step."""

import torch
from torch.nn import functional as F

import compressive_as_released
import compressive_careful
import optim
import sizes
import sorting_data


class CompressiveStep:
    def __init__(self, size, variant, seed):
        self.size = sizes.sorting(size)
        memory = self.size["compressive"]
        self.weight = memory["reconstructionWeight"]
        self.generator = torch.Generator().manual_seed(seed)
        torch.manual_seed(seed)
        released = variant == "as-released"
        module = compressive_as_released if released else compressive_careful
        self.model = module.CompressiveTransformer(self.size, memory)
        self.loss = self.loss_as_released if released else self.loss_careful
        make = optim.AsReleased if released else optim.Careful
        self.optimizer = make(self.model, sizes.LEARNING_RATE, sizes.CLIP_NORM)
        self.parameters = sum(p.numel() for p in self.model.parameters())

    def run(self, units):
        length = self.size["segments"] * self.size["segmentLength"] - self.size["answers"]
        for _ in range(units):
            loss = self.loss(*sorting_data.batch(self.size["batch"], length, self.generator))
            self.optimizer.step(loss)
            value = loss.item()
        return value

    def loss_as_released(self, ids, targets):
        pieces = ids.split(self.size["segmentLength"], dim=1)
        memories = None
        for piece in pieces[:-1]:
            with torch.no_grad():
                _, memories, _ = self.model(piece, memories)
        logits, _, aux = self.model(pieces[-1], memories)
        wanted = targets[:, -pieces[-1].size(1) :]
        ce = F.cross_entropy(logits.transpose(1, 2), wanted, ignore_index=sorting_data.IGNORED)
        return ce + self.weight * aux

    def loss_careful(self, ids, targets):
        pieces = ids.split(self.size["segmentLength"], dim=1)
        answers, memories = self.size["answers"], None
        with torch.no_grad():
            for piece in pieces[:-1]:
                _, memories, _ = self.model.segment(piece, memories, rows=0)
        hidden, _, aux = self.model.segment(pieces[-1], memories, rows=answers, keep=False, aux=True)
        ce = F.cross_entropy(self.model.to_logits(hidden).flatten(0, 1), targets[:, -answers:].flatten())
        return ce + self.weight * aux
