"""The Compressive Transformer with the same numbers, head-first, computing only what somebody uses."""

import torch
from torch import nn
from torch.nn import functional as F

from attention_core import core
from dropout import dropout


class Layer(nn.Module):
    """Attention and feed-forward of one layer; its memories are values, `[B, rows, model]`."""

    def __init__(self, size, memory):
        super().__init__()
        width, ratio = size["modelSize"], memory["compressionRatio"]
        self.heads, self.head_size, self.ratio = size["heads"], width // size["heads"], ratio
        self.dropout = size["dropout"]
        self.norm = nn.LayerNorm(width)
        self.compression = nn.Conv1d(width, width, ratio, stride=ratio)
        self.to_q = nn.Linear(width, width, bias=False)
        self.to_kv = nn.Linear(width, 2 * width, bias=False)
        self.to_out = nn.Linear(width, width)
        self.inner_norm = nn.LayerNorm(width)
        self.w1, self.w2 = nn.Linear(width, size["innerSize"]), nn.Linear(size["innerSize"], width)

    def compress(self, rows):
        """`[B, ratio * n, model]` -> `[B, n, model]`; a convolution whose steps are its width is one product."""
        batch, _, width = rows.shape
        kernel = self.compression.weight.permute(0, 2, 1).reshape(width, -1)
        return F.linear(rows.view(batch, -1, self.ratio * width), kernel, self.compression.bias)

    def keys_and_values(self, rows, weight):
        """`[2, h, B, rows, d]`"""
        batch, length, _ = rows.shape
        kv = F.linear(rows, weight).view(batch, length, 2, self.heads, self.head_size)
        return kv.permute(2, 3, 0, 1, 4)

    def forward(self, x, normed, past, table, rows, aux):
        """-> output of the last `rows` rows, reconstruction loss or None; past: (compressed or None, memory or None)."""
        batch, length, width = x.shape
        asking = normed if aux else normed[:, -rows:]
        q = self.to_q(asking).view(batch, -1, self.heads, self.head_size).permute(2, 0, 1, 3)
        context = torch.cat([one for one in (*past, normed) if one is not None], dim=1)
        k, v = self.keys_and_values(context, self.to_kv.weight)
        flat = lambda one: one.reshape(self.heads * batch, -1, self.head_size)
        scaled = flat(q[:, :, -rows:]) * self.head_size**-0.5
        out = core(scaled, scaled, flat(k), flat(v), table)
        out = out.view(self.heads, batch, rows, -1).permute(1, 2, 0, 3).reshape(batch, rows, width)
        y = x[:, -rows:] + dropout(self.to_out(out), self.dropout, self.training)
        inner = dropout(F.gelu(self.w1(self.inner_norm(y))), self.dropout, self.training)
        y = y + dropout(self.w2(inner), self.dropout, self.training)
        return y, self.reconstruction(q, k, v, past[1], length) if aux else None

    def reconstruction(self, q, k, v, leaving, length):
        """What the queries read in the memory that leaves against what they read of it compressed."""
        new_k, new_v = self.keys_and_values(self.compress(leaving), self.to_kv.weight.detach())
        with torch.no_grad():
            window = slice(-leaving.size(1) - length, -length)
            want = F.scaled_dot_product_attention(q, k[:, :, window], v[:, :, window])
        return F.mse_loss(F.scaled_dot_product_attention(q.detach(), new_k, new_v), want)


class CompressiveTransformer(nn.Module):
    def __init__(self, size, memory):
        super().__init__()
        width, heads = size["modelSize"], size["heads"]
        self.memory_length, self.compressed_length = memory["shortTermLength"], memory["compressedLength"]
        rows = size["segmentLength"] + self.memory_length + self.compressed_length
        self.token_emb = nn.Embedding(size["vocabularySize"], width)
        self.pos_emb = nn.Parameter(torch.zeros(heads, rows, width // heads))
        self.to_logits = nn.Linear(width, size["vocabularySize"])
        self.layers = nn.ModuleList([Layer(size, memory) for _ in range(size["layers"])])

    def load_authors(self, weights):
        """Weights under lucidrains' names."""
        self.load_state_dict({own: weights[name] for own, name in self.names().items()})

    def names(self):
        """lucidrains' name of each of ours."""
        parts = {
            "norm": "attn_layers.{}.fn.norm",
            "compression": "attn_layers.{}.fn.fn.compress_mem_fn.conv",
            "to_q": "attn_layers.{}.fn.fn.to_q",
            "to_kv": "attn_layers.{}.fn.fn.to_kv",
            "to_out": "attn_layers.{}.fn.fn.to_out",
            "inner_norm": "ff_layers.{}.fn.norm",
            "w1": "ff_layers.{}.fn.fn.w1",
            "w2": "ff_layers.{}.fn.fn.w2",
        }
        names = {}
        for own, _ in self.named_parameters():
            pieces = own.split(".")
            names[own] = own.replace("to_logits", "to_logits.1")
            if pieces[0] == "layers":
                names[own] = f"{parts[pieces[2]].format(pieces[1])}.{pieces[3]}"
        return names

    def positions(self, keys):
        """Rows of the table for that many keys, and one that is never seen: `[h, keys + 1, d]`."""
        if keys < self.pos_emb.size(1):
            return self.pos_emb[:, : keys + 1]
        return F.pad(self.pos_emb, (0, 0, 0, 1))

    def segment(self, ids, memories, rows, keep=True, aux=False):
        """-> hidden states of the last `rows` rows or None for 0, next memories, reconstruction loss or None.

        memories: None or one (compressed or None, memory) per layer.
        """
        x = self.token_emb(ids)
        memories = memories or [(None, None)] * len(self.layers)
        past_rows = sum(one.size(1) for one in memories[0] if one is not None)
        table = self.positions(past_rows + ids.size(1))
        kept, losses = [], []
        for i, (layer, past) in enumerate(zip(self.layers, memories)):
            normed = layer.norm(x)
            if keep:
                kept.append(self.remember(layer, normed.detach(), *past))
            wanted = ids.size(1) if i < len(self.layers) - 1 else rows
            if wanted == 0:
                return None, kept, None
            x, loss = layer(x, normed, past, table, wanted, aux and past[1] is not None)
            if loss is not None:
                losses.append(loss)
        return x, kept, sum(losses) / len(self.layers) if losses else None

    @torch.no_grad()
    def remember(self, layer, normed, compressed, memory):
        """Segments are as long as the memory, a multiple of the ratio: all of it leaves."""
        if normed.size(1) != self.memory_length:
            raise ValueError("segment and memory must be equally long for a next segment")
        if memory is None:
            return None, normed
        new = layer.compress(memory)
        if compressed is not None and new.size(1) < self.compressed_length:
            new = torch.cat([compressed, new], dim=1)
        return new[:, -self.compressed_length :], normed
