"""Training steps of the infinity-former and the Transformer-XL on the sorting task.

Every sequence has several segments; only the last, which ends with the 20
answers, has a gradient. A unit is one step.
"""

import torch
from torch.nn import functional as F

import infinite_as_released
import infinite_careful
import optim
import sizes
import sorting_data
from initial import initialise


class SortingStep:
    def __init__(self, model, size, variant, seed):
        self.size = sizes.sorting(size)
        self.memory = self.size[model]
        self.kl_weight = self.memory.get("klWeight", 0)
        self.generator = torch.Generator().manual_seed(seed)
        torch.manual_seed(seed)
        module = infinite_as_released if variant == "as-released" else infinite_careful
        self.model = initialise(module.InfiniteFormer(self.size, self.memory, (sizes.PRIOR_WIDTH, None)))
        self.loss = self.loss_as_released if variant == "as-released" else self.loss_careful
        make = optim.AsReleased if variant == "as-released" else optim.Careful
        self.optimizer = make(self.model, sizes.LEARNING_RATE, sizes.CLIP_NORM)
        self.parameters = sum(p.numel() for p in self.model.parameters())

    def draw(self):
        length = self.size["segments"] * self.size["segmentLength"] - self.size["answers"]
        return sorting_data.batch(self.size["batch"], length, self.generator)

    def run(self, units):
        for _ in range(units):
            ids, targets = self.draw()
            loss = self.loss(ids, targets)
            self.optimizer.step(loss)
            value = loss.item()
        return value

    def loss_as_released(self, ids, targets):
        pieces = ids.t().split(self.size["segmentLength"])
        mems = None
        for piece in pieces[:-1]:
            with torch.no_grad():
                _, mems, _ = self.model(piece, mems, False)
        logits, _, kl = self.model(pieces[-1], mems, True)
        wanted = targets.t()[-len(pieces[-1]) :]
        loss = F.cross_entropy(logits.flatten(0, 1), wanted.flatten(), ignore_index=sorting_data.IGNORED)
        return loss if kl is None else loss + self.kl_weight * kl.mean()

    def loss_careful(self, ids, targets):
        pieces = ids.split(self.size["segmentLength"], dim=1)
        answers, memories = self.size["answers"], None
        with torch.no_grad():
            for piece in pieces[:-1]:
                _, memories, _ = self.model.segment(piece, memories, rows=0)
        hidden, _, penalties = self.model.segment(pieces[-1], memories, rows=answers, keep=False, penalised=True)
        loss = F.cross_entropy(self.model.proj_output(hidden).flatten(0, 1), targets[:, -answers:].flatten())
        if penalties:
            loss = loss + self.kl_weight / penalties[0].numel() * sum(one.sum() for one in penalties)
        return loss
