"""A plain decoder of nanoGPT's CPU configuration: pre-norm, no biases, tied head, PyTorch's fused attention."""

import math

import torch
from torch import nn
from torch.nn import functional as F


class Block(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.norm_1, self.norm_2 = (nn.LayerNorm(width, bias=False) for _ in range(2))
        self.qkv, self.out = nn.Linear(width, 3 * width, bias=False), nn.Linear(width, width, bias=False)
        self.up, self.down = nn.Linear(width, 4 * width, bias=False), nn.Linear(4 * width, width, bias=False)

    def forward(self, x):
        batch, length, width = x.shape
        heads = self.qkv(self.norm_1(x)).view(batch, length, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        context = F.scaled_dot_product_attention(*heads, is_causal=True)
        x = x + self.out(context.transpose(1, 2).reshape(batch, length, width))
        return x + self.down(F.gelu(self.up(self.norm_2(x))))


class NanoGpt(nn.Module):
    def __init__(self, size, vocabulary):
        super().__init__()
        if size["dropout"] != 0:
            raise ValueError("NanoGpt: dropout must be 0, as in nanoGPT's CPU configuration")
        width = size["modelSize"]
        self.tokens, self.positions = nn.Embedding(vocabulary, width), nn.Embedding(size["block"], width)
        self.blocks = nn.ModuleList([Block(width, size["heads"]) for _ in range(size["layers"])])
        self.norm = nn.LayerNorm(width, bias=False)
        for name, p in self.named_parameters():
            if p.dim() == 2:
                residual = name.endswith(("out.weight", "down.weight"))
                nn.init.normal_(p, 0, 0.02 / math.sqrt(2 * size["layers"]) if residual else 0.02)

    def forward(self, ids, targets):
        """Mean cross entropy of ids and targets `[B, T]`."""
        x = self.tokens(ids) + self.positions.weight[: ids.size(1)]
        for block in self.blocks:
            x = block(x)
        logits = F.linear(self.norm(x), self.tokens.weight)
        return F.cross_entropy(logits.flatten(0, 1), targets.flatten())


class Trainer:
    """AdamW with decay on matrices only, cosine after a warm-up, clipping."""

    def __init__(self, model, size, steps):
        self.model, self.size, self.steps, self.done = model, size, steps, 0
        matrices = [p for p in model.parameters() if p.dim() >= 2]
        others = [p for p in model.parameters() if p.dim() < 2]
        groups = [{"params": matrices, "weight_decay": size["weightDecay"]}, {"params": others, "weight_decay": 0.0}]
        self.adam = torch.optim.AdamW(groups, lr=size["learningRate"], betas=(0.9, size["beta2"]), fused=True)

    def rate(self):
        warmup, top, least = (self.size[n] for n in ("warmupSteps", "learningRate", "minimumLearningRate"))
        if self.done < warmup:
            return top * (self.done + 1) / (warmup + 1)
        progress = min(1, (self.done - warmup) / max(1, self.steps - warmup))
        return least + 0.5 * (1 + math.cos(math.pi * progress)) * (top - least)

    def step(self, ids, targets):
        for group in self.adam.param_groups:
            group["lr"] = self.rate()
        loss = self.model(ids, targets)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), self.size["clipNorm"])
        self.adam.step()
        self.adam.zero_grad(set_to_none=True)
        self.done += 1
        return loss
