"""Fine-tuning steps of GPT-2 small on random tokens: a unit is one step of one block."""

import torch

import gpt2
import sizes

KL_WEIGHT = 1e-6


class Gpt2Step:
    def __init__(self, memory, seed):
        torch.manual_seed(seed)
        size = sizes.ALL["gpt2"]
        self.shape, self.vocabulary = (size["batch"], size["block"]), size["vocabularySize"]
        self.model = gpt2.small().train()
        self.memories = gpt2.with_memory(self.model, size["block"], size["longTerm"]) if memory else []
        # Adam in one fused operation is what the package's own Trainer takes by default.
        self.adam = torch.optim.AdamW(self.model.parameters(), lr=5e-5, weight_decay=0, fused=True)
        self.parameters = sum(p.numel() for p in self.model.parameters())

    def run(self, units):
        for _ in range(units):
            ids = torch.randint(self.vocabulary, self.shape)
            loss = self.model(input_ids=ids, labels=ids, use_cache=False).loss
            kl = gpt2.penalty(self.memories)
            if kl is not None:
                loss = loss + KL_WEIGHT * kl.mean()
            self.adam.zero_grad(set_to_none=True)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
            self.adam.step()
            value = loss.item()
        return value
