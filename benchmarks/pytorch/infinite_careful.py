"""The infinity-former and the Transformer-XL with the same numbers, head-first, computing only what somebody uses."""

from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional as F

from attention_core import relative_attention
from dropout import dropout
from long_term_careful import LongTermAttention


@dataclass
class LayerMemory:
    """What one layer remembers, without gradients: the last inputs, those before them, coefficients."""

    recent: torch.Tensor
    older: torch.Tensor | None = None
    coefficients: torch.Tensor | None = None


class Layer(nn.Module):
    def __init__(self, size, pre_norm=False, long_term=None):
        super().__init__()
        heads, head_size, model_size = size["heads"], size["headSize"], size["modelSize"]
        inner = heads * head_size
        self.heads, self.head_size, self.pre_norm, self.dropout = heads, head_size, pre_norm, size["dropout"]
        attention, forward = nn.Module(), nn.Module()
        attention.qkv_net = nn.Linear(model_size, 3 * inner, bias=False)
        attention.o_net = nn.Linear(inner, model_size, bias=False)
        attention.r_net = nn.Linear(model_size, inner, bias=False)
        attention.layer_norm = nn.LayerNorm(model_size)
        if long_term is not None:
            attention.long_term_attention = long_term()
        # Places 1, 2 and 4 are the authors' ReLU and dropouts.
        forward.CoreNet = nn.ModuleDict(
            {"0": nn.Linear(model_size, size["innerSize"]), "3": nn.Linear(size["innerSize"], model_size)}
        )
        forward.layer_norm = nn.LayerNorm(model_size)
        self.dec_attn, self.pos_ff = attention, forward

    @property
    def long_term(self):
        return self.dec_attn.long_term_attention

    def split(self, rows):
        """`[B, L, heads * d]` -> `[h, B, L, d]`"""
        return rows.view(*rows.shape[:2], self.heads, self.head_size).permute(2, 0, 1, 3)

    def attention(self, x, positions, biases, recent, coefficients, rows, penalised):
        """Output of the attention for the last `rows` rows of x, `[B, rows, model]`, and the penalty of all rows."""
        part = self.dec_attn
        context = x if recent is None else torch.cat([recent, x], dim=1)
        if self.pre_norm:
            context = part.layer_norm(context)
            x = context[:, -x.size(1) :]
        inner = self.heads * self.head_size
        query_map, other_maps = part.qkv_net.weight.split([inner, 2 * inner])
        asking = x if coefficients is not None and penalised else x[:, -rows:]
        q = self.split(F.linear(asking, query_map))
        batch, keys, _ = context.shape
        kv = F.linear(context, other_maps).view(batch, keys, 2, self.heads, self.head_size).permute(2, 3, 0, 1, 4)
        r = part.r_net(positions).view(-1, self.heads, self.head_size).transpose(0, 1)
        out = relative_attention(q[:, :, -rows:], kv[0], kv[1], r, *biases, self.head_size**-0.5)
        out = part.o_net(out.permute(1, 2, 0, 3).reshape(batch, rows, inner))
        if coefficients is None:
            return out, None
        memory = self.long_term
        mean, variance = memory.densities(q, memory.keyed(coefficients))
        penalty = memory.penalty(mean, variance) if penalised else None
        read = memory.read(mean[..., -rows:], variance[..., -rows:], memory.values(coefficients))
        return out + read, penalty

    def forward(self, x, positions, biases, recent, coefficients, rows, penalised):
        out, penalty = self.attention(x, positions, biases, recent, coefficients, rows, penalised)
        x = x[:, -rows:] + out
        if not self.pre_norm:
            x = self.dec_attn.layer_norm(x)
        part = self.pos_ff
        inner = F.relu(part.CoreNet["0"](part.layer_norm(x) if self.pre_norm else x))
        inner = dropout(inner, self.dropout, self.training)
        y = x + dropout(part.CoreNet["3"](inner), self.dropout, self.training)
        return (y if self.pre_norm else part.layer_norm(y)), penalty


class InfiniteFormer(nn.Module):
    """`memory`: its sizes as in sizes.json; a Transformer-XL where they have no `longTermLength`."""

    def __init__(self, size, memory, prior=(0.05, None)):
        super().__init__()
        self.memory_length, self.long_length = memory["shortTermLength"], memory.get("longTermLength", 0)
        self.dropout, self.scale = size["dropout"], size["modelSize"] ** 0.5
        long_term = None
        if self.long_length > 0:
            shape = (size["heads"], size["headSize"], size["modelSize"])
            long_term = lambda: LongTermAttention(*shape, self.long_length, memory, memory["gate"], prior=prior)
        self.word_emb = nn.Module()
        self.word_emb.emb_layers = nn.ModuleList([nn.Embedding(size["vocabularySize"], size["modelSize"])])
        self.layers = nn.ModuleList([Layer(size, long_term=long_term) for _ in range(size["layers"])])
        self.r_w_bias = nn.Parameter(torch.zeros(size["heads"], size["headSize"]))
        self.r_r_bias = nn.Parameter(torch.zeros(size["heads"], size["headSize"]))
        self.proj_output = nn.Linear(size["modelSize"], size["vocabularySize"], bias=False)
        self.frequencies = 1 / 10000 ** (torch.arange(0.0, size["modelSize"], 2.0) / size["modelSize"])
        self.tables = {}

    def positions(self, keys):
        """Sines and cosines of the distances keys - 1 .. 0, and a last row that is never seen."""
        if keys not in self.tables:
            angles = torch.outer(torch.arange(keys - 1, -2, -1.0), self.frequencies)
            self.tables[keys] = torch.cat([angles.sin(), angles.cos()], dim=-1)
        return dropout(self.tables[keys], self.dropout, self.training)

    def segment(self, ids, memories, rows, keep=True, penalised=False):
        """One segment: ids `[B, L]`, memories None or one `LayerMemory` per layer.

        -> hidden states of the last `rows` rows, `[B, rows, model]` (None for 0:
        the last layer then only takes its memory in), next memories, penalties.
        """
        x = F.embedding(ids, self.word_emb.emb_layers[0].weight * self.scale)
        x = dropout(x, self.dropout, self.training)
        biases = (self.r_w_bias, self.r_r_bias)
        recent_rows = 0 if memories is None else memories[0].recent.size(1)
        positions = self.positions(recent_rows + ids.size(1))
        kept, penalties = [], []
        for i, layer in enumerate(self.layers):
            past = None if memories is None else memories[i]
            recent = None if past is None else past.recent
            coefficients = None
            if past is not None and past.older is not None:
                coefficients = layer.long_term.absorb(past.coefficients, past.older)
            if keep:
                kept.append(self.remember(x, past, coefficients))
            wanted = ids.size(1) if i < len(self.layers) - 1 else rows
            if wanted == 0:
                return None, kept, penalties
            x, penalty = layer(x, positions, biases, recent, coefficients, wanted, penalised)
            if penalty is not None:
                penalties.append(penalty)
        return dropout(x, self.dropout, self.training), kept, penalties

    def remember(self, x, past, coefficients):
        """Segments are as long as both memories: the one before becomes the one to take in."""
        if x.size(1) != self.memory_length or self.long_length not in (0, self.memory_length):
            raise ValueError("segment, short-term and long-term length must be equal for a next segment")
        older = past.recent if past is not None and self.long_length > 0 else None
        return LayerMemory(x.detach(), older, None if coefficients is None else coefficients.detach())
