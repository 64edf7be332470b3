"""The Compressive Transformer in lucidrains' order of operations, residuals added, each layer's own memories."""

import torch
from torch import nn
from torch.nn import functional as F


def shift(x):
    """Row i of `[B, h, i, j]` moved left by i - 1 - row: pad, flatten, cut."""
    *lead, i, j = x.shape
    x = torch.cat([x, torch.zeros(*lead, i, i, dtype=x.dtype)], dim=-1)
    width = i + j - 1
    x = x.view(*lead, -1)
    x = torch.cat([x, torch.zeros(*lead, -x.size(-1) % width, dtype=x.dtype)], dim=-1)
    return x.view(*lead, -1, width)[..., :i, i - 1 :]


def full_attention(q, k, v):
    dots = torch.einsum("bhid,bhjd->bhij", q, k) * q.size(-1) ** -0.5
    return torch.einsum("bhij,bhjd->bhid", dots.softmax(dim=-1), v)


class ConvCompress(nn.Module):
    def __init__(self, model_size, ratio):
        super().__init__()
        self.conv = nn.Conv1d(model_size, model_size, ratio, stride=ratio)

    def forward(self, memory):
        return self.conv(memory.transpose(1, 2)).transpose(1, 2)


class SelfAttention(nn.Module):
    def __init__(self, model_size, heads, memory, dropout):
        super().__init__()
        self.heads = heads
        self.memory_length, self.compressed_length = memory["shortTermLength"], memory["compressedLength"]
        self.ratio = memory["compressionRatio"]
        self.compress_mem_fn = ConvCompress(model_size, self.ratio)
        self.to_q = nn.Linear(model_size, model_size, bias=False)
        self.to_kv = nn.Linear(model_size, 2 * model_size, bias=False)
        self.to_out = nn.Linear(model_size, model_size)
        self.dropout = nn.Dropout(dropout)

    def split(self, rows):
        batch, length, size = rows.shape
        return rows.reshape(batch, length, self.heads, size // self.heads).transpose(1, 2)

    def forward(self, x, mem, cmem, pos_emb):
        """x `[B, T, model]`, memories `[B, rows, model]` -> output, next memories, reconstruction loss."""
        batch, length, size = x.shape
        mem = x.new_empty(batch, 0, size) if mem is None else mem
        cmem = x.new_empty(batch, 0, size) if cmem is None else cmem
        q = self.split(self.to_q(x))
        k, v = map(self.split, self.to_kv(torch.cat([cmem, mem, x], dim=1)).chunk(2, dim=-1))
        scale = q.size(-1) ** -0.5
        dots = torch.einsum("bhid,bhjd->bhij", q, k) * scale
        positions = torch.einsum("bhid,hjd->bhij", q, pos_emb[:, -k.size(2) :]) * scale
        dots = dots + shift(positions)
        past = cmem.size(1) + mem.size(1)
        mask = torch.ones(length, length + past).triu_(diagonal=1 + past).bool()
        dots.masked_fill_(mask[None, None], -torch.finfo(dots.dtype).max)
        context = torch.einsum("bhij,bhjd->bhid", dots.softmax(dim=-1), v)
        out = self.to_out(context.transpose(1, 2).reshape(batch, length, -1))
        next_mem, next_cmem, aux = self.remember(x, q, k, v, mem, cmem)
        return self.dropout(out), next_mem, next_cmem, aux

    def remember(self, x, q, k, v, mem, cmem):
        length = x.size(1)
        queue = torch.cat([mem, x], dim=1)
        old, new_mem = queue[:, : -self.memory_length], queue[:, -self.memory_length :]
        if old.size(1) % self.ratio != 0:
            old = F.pad(old, (0, 0, old.size(1) % self.ratio, 0))
        aux = torch.zeros(())
        if old.size(1) == 0:
            return new_mem.detach(), cmem, aux
        compressed = self.compress_mem_fn(old.detach())
        new_cmem = torch.cat([cmem, compressed], dim=1)[:, -self.compressed_length :].detach()
        if not self.training:
            return new_mem.detach(), new_cmem, aux
        kv = F.linear(compressed, self.to_kv.weight.detach())
        cmem_k, cmem_v = map(self.split, kv.chunk(2, dim=-1))
        window = slice(-min(self.memory_length, mem.size(1)) - length, -length)
        old_k, old_v = k[:, :, window].clone().detach(), v[:, :, window].clone().detach()
        q = q.detach()
        aux = F.mse_loss(full_attention(q, old_k, old_v), full_attention(q, cmem_k, cmem_v))
        return new_mem.detach(), new_cmem, aux


class PreNorm(nn.Module):
    def __init__(self, model_size, fn):
        super().__init__()
        self.norm, self.fn = nn.LayerNorm(model_size), fn

    def forward(self, x, *rest):
        return self.fn(self.norm(x), *rest)


class Residual(nn.Module):
    def __init__(self, fn):
        super().__init__()
        self.fn = fn

    def forward(self, x, *rest):
        out = self.fn(x, *rest)
        return (x + out[0], *out[1:]) if isinstance(out, tuple) else x + out


class FeedForward(nn.Module):
    def __init__(self, model_size, inner_size, dropout):
        super().__init__()
        self.w1, self.w2 = nn.Linear(model_size, inner_size), nn.Linear(inner_size, model_size)
        self.act, self.dropout = nn.GELU(), nn.Dropout(dropout)

    def forward(self, x):
        return self.dropout(self.w2(self.dropout(self.act(self.w1(x)))))


class CompressiveTransformer(nn.Module):
    def __init__(self, size, memory):
        super().__init__()
        width, heads, dropout = size["modelSize"], size["heads"], size["dropout"]
        rows = size["segmentLength"] + memory["shortTermLength"] + memory["compressedLength"]
        self.token_emb = nn.Embedding(size["vocabularySize"], width)
        self.pos_emb = nn.Parameter(torch.zeros(heads, rows, width // heads))
        self.to_logits = nn.Sequential(nn.Identity(), nn.Linear(width, size["vocabularySize"]))
        attention = lambda: Residual(PreNorm(width, SelfAttention(width, heads, memory, dropout)))
        inner = lambda: Residual(PreNorm(width, FeedForward(width, size["innerSize"], dropout)))
        self.attn_layers = nn.ModuleList([attention() for _ in range(size["layers"])])
        self.ff_layers = nn.ModuleList([inner() for _ in range(size["layers"])])

    def forward(self, ids, memories):
        """ids `[B, T]`, memories None or one (mem, cmem) per layer -> logits, next memories, reconstruction loss."""
        x = self.token_emb(ids)
        memories = memories or [(None, None)] * len(self.attn_layers)
        past = sum(rows.size(1) for rows in memories[0] if rows is not None)
        pos_emb = self.pos_emb[:, : past + ids.size(1)]
        following, total = [], torch.zeros(())
        for attention, inner, (mem, cmem) in zip(self.attn_layers, self.ff_layers, memories):
            x, mem, cmem, aux = attention(x, mem, cmem, pos_emb)
            x = inner(x)
            following.append((mem, cmem))
            total = total + aux
        return self.to_logits(x), following, total / len(self.attn_layers)
