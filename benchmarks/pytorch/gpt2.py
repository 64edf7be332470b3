"""The `transformers` package's GPT-2 with random weights, and the authors' long-term memory hooked into every block."""

import torch
from transformers import GPT2Config, GPT2LMHeadModel

import sizes
from long_term_as_released import LongTermAttention

PRIOR = (sizes.PRIOR_WIDTH, -1)
CLAMP = 1e-4
RESET_AFTER = 2048
"""The GPT-2 copy of the authors' code: prior (mu_0 = -1 selects the form with a mean), least variance, counter of the reset."""


def small():
    """GPT-2 as published (dropout .1, 1024 positions), of the size that sizes.json names."""
    size = sizes.ALL["gpt2"]
    config = GPT2Config(
        vocab_size=size["vocabularySize"],
        n_embd=size["modelSize"],
        n_layer=size["layers"],
        n_head=size["heads"],
        bos_token_id=None,
        eos_token_id=None,
    )
    config._attn_implementation = "sdpa"
    return GPT2LMHeadModel(config)


class BlockMemory:
    """One block's memory: takes in what entered the block in the segment before, adds its context after `c_proj`."""

    def __init__(self, block, length, memory, gate, prior=PRIOR, clamp=CLAMP, reset_after=RESET_AFTER):
        attention = block.attn
        size, heads = attention.embed_dim, attention.num_heads
        module = LongTermAttention(heads, size // heads, size, length, memory, gate, clamp, prior)
        for name in ("proj_query", "proj_key", "proj_value", "attn_out", "mu", "sigma"):
            torch.nn.init.normal_(getattr(module, name).weight, 0, 0.02)
        attention.long_term_attention = self.module = module
        self.reset_after, self.counter = reset_after, 0
        self.previous = self.entering = self.query = self.penalty = None
        block.register_forward_pre_hook(self.enter)
        attention.c_attn.register_forward_hook(self.keep_query)
        attention.c_proj.register_forward_hook(self.add)

    def enter(self, _, args):
        self.previous, self.entering = self.entering, args[0].detach()

    def keep_query(self, _, args, output):
        self.query = output[..., : output.size(-1) // 3]

    def add(self, _, args, output):
        if self.previous is None:
            return None
        fresh = self.counter == 0 or self.counter >= self.reset_after
        rows = self.previous.transpose(0, 1)
        context, self.penalty = self.module(rows, self.query.transpose(0, 1), fresh)
        self.counter = (0 if fresh else self.counter) + len(rows)
        return output + context.transpose(0, 1)


def with_memory(model, length, memory, gate=True, **options):
    """Adds a memory to every block; returns them in order."""
    return [BlockMemory(block, length, memory, gate, **options) for block in model.transformer.h]


def penalty(memories):
    """Sum over the layers of the penalties `[B, heads * queries]`; None where no memory was read."""
    given = [one.penalty for one in memories if one.penalty is not None]
    return sum(given) if given else None
