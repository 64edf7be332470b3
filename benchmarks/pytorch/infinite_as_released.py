"""The infinity-former of the sorting task, and the Transformer-XL it stands on, as the authors' code computes them.

Position-first layouts `[time, batch, channel]` with einsum, queries, keys and
values of old and new rows alike from one product, scores shifted by padding, a
mask of floats, every layer in full in every segment.
"""

import torch
from torch import nn
from torch.nn import functional as F

from long_term_as_released import LongTermAttention


class PositionalEmbedding(nn.Module):
    """[sin ; cos] of the distances given, `[klen]` -> `[klen, 1, model]`."""

    def __init__(self, model_size):
        super().__init__()
        self.register_buffer("inv_freq", 1 / 10000 ** (torch.arange(0.0, model_size, 2.0) / model_size))

    def forward(self, distances):
        angles = torch.einsum("i,j->ij", distances, self.inv_freq)
        return torch.cat([angles.sin(), angles.cos()], dim=-1)[:, None, :]


class PositionwiseFF(nn.Module):
    def __init__(self, model_size, inner_size, dropout, pre_norm):
        super().__init__()
        self.CoreNet = nn.Sequential(
            nn.Linear(model_size, inner_size),
            nn.ReLU(inplace=True),
            nn.Dropout(dropout),
            nn.Linear(inner_size, model_size),
            nn.Dropout(dropout),
        )
        self.layer_norm = nn.LayerNorm(model_size)
        self.pre_norm = pre_norm

    def forward(self, x):
        if self.pre_norm:
            return x + self.CoreNet(self.layer_norm(x))
        return self.layer_norm(x + self.CoreNet(x))


def relative_shift(x):
    """Row i of `[qlen, klen, B, heads]` moved left by qlen - 1 - i: pad, view, drop."""
    padding = torch.zeros((x.size(0), 1, *x.size()[2:]), dtype=x.dtype)
    padded = torch.cat([padding, x], dim=1)
    return padded.view(x.size(1) + 1, x.size(0), *x.size()[2:])[1:].view_as(x)


class RelativeAttention(nn.Module):
    """Attention over short-term memory and segment, plus that over the long-term memory if there is one."""

    def __init__(self, heads, head_size, model_size, memory_length, pre_norm, long_term):
        super().__init__()
        inner = heads * head_size
        self.heads, self.head_size, self.memory_length, self.pre_norm = heads, head_size, memory_length, pre_norm
        self.qkv_net = nn.Linear(model_size, 3 * inner, bias=False)
        self.qkv_net_ = nn.Linear(model_size, 2 * inner, bias=False)  # theirs, never used
        self.o_net = nn.Linear(inner, model_size, bias=False)
        self.r_net = nn.Linear(model_size, inner, bias=False)
        self.layer_norm = nn.LayerNorm(model_size)
        self.dropatt = nn.Dropout(0.0)
        self.scale = 1 / head_size**0.5
        self.long_term_attention = long_term
        self.seen = {}

    def forward(self, w, r, r_w_bias, r_r_bias, mask, mems, new_doc, update=True):
        qlen, batch = w.size(0), w.size(1)
        recent = mems[-self.memory_length :] if mems is not None else None
        older = mems[: -self.memory_length] if mems is not None else None
        cat = w if recent is None else torch.cat([recent, w], dim=0)
        heads = self.qkv_net(self.layer_norm(cat) if self.pre_norm else cat)
        r_head_k = self.r_net(r)
        w_head_q, w_head_k, w_head_v = torch.chunk(heads, 3, dim=-1)
        w_head_q = w_head_q[-qlen:]
        klen = w_head_k.size(0)
        query = w_head_q
        w_head_q = w_head_q.view(qlen, batch, self.heads, self.head_size)
        w_head_k = w_head_k.view(klen, batch, self.heads, self.head_size)
        w_head_v = w_head_v.view(klen, batch, self.heads, self.head_size)
        r_head_k = r_head_k.view(klen, self.heads, self.head_size)

        content = torch.einsum("ibnd,jbnd->ijbn", w_head_q + r_w_bias, w_head_k)
        distance = relative_shift(torch.einsum("ibnd,jnd->ijbn", w_head_q + r_r_bias, r_head_k))
        scores = (content + distance).mul_(self.scale)
        scores = scores.float().masked_fill(mask[:, :, :, None], -float("inf")).type_as(scores)
        weights = self.dropatt(F.softmax(scores, dim=1))
        context = torch.einsum("ijbn,jbnd->ibnd", weights, w_head_v)
        out = self.o_net(context.contiguous().view(qlen, batch, self.heads * self.head_size))

        kl = None
        if self.long_term_attention is not None and older is not None and len(older) > 0:
            long_term, kl = self.long_term_attention(older, query, new_doc, update)
            out = out + long_term
            self.seen["long_term"] = long_term
        return (w + out if self.pre_norm else self.layer_norm(w + out)), kl


class DecoderLayer(nn.Module):
    """`long_term`: a function that makes the layer's `LongTermAttention`, or None."""

    def __init__(self, size, memory_length, pre_norm=False, long_term=None):
        super().__init__()
        shape = (size["heads"], size["headSize"], size["modelSize"])
        self.dec_attn = RelativeAttention(*shape, memory_length, pre_norm, long_term() if long_term else None)
        self.pos_ff = PositionwiseFF(size["modelSize"], size["innerSize"], size["dropout"], pre_norm)

    def forward(self, w, r, r_w_bias, r_r_bias, mask, mems, new_doc, update=True):
        out, kl = self.dec_attn(w, r, r_w_bias, r_r_bias, mask, mems, new_doc, update)
        self.dec_attn.seen["out"] = out
        return self.pos_ff(out), kl


class WordEmbedding(nn.Module):
    def __init__(self, vocabulary, model_size):
        super().__init__()
        self.emb_layers = nn.ModuleList([nn.Embedding(vocabulary, model_size)])
        self.scale = model_size**0.5

    def forward(self, ids):
        return self.emb_layers[0](ids).mul_(self.scale)


class InfiniteFormer(nn.Module):
    """`memory`: its sizes as in sizes.json; a Transformer-XL where they have no `longTermLength`."""

    def __init__(self, size, memory, prior=(0.05, None)):
        super().__init__()
        self.memory_length = memory["shortTermLength"]
        self.long_length = memory.get("longTermLength", 0)
        long_term = None
        if self.long_length > 0:
            shape = (size["heads"], size["headSize"], size["modelSize"])
            long_term = lambda: LongTermAttention(*shape, self.long_length, memory, memory["gate"], prior=prior)
        self.word_emb = WordEmbedding(size["vocabularySize"], size["modelSize"])
        self.drop = nn.Dropout(size["dropout"])
        self.pos_emb = PositionalEmbedding(size["modelSize"])
        self.layers = nn.ModuleList(
            [DecoderLayer(size, self.memory_length, long_term=long_term) for _ in range(size["layers"])]
        )
        self.r_w_bias = nn.Parameter(torch.zeros(size["heads"], size["headSize"]))
        self.r_r_bias = nn.Parameter(torch.zeros(size["heads"], size["headSize"]))
        self.proj_output = nn.Linear(size["modelSize"], size["vocabularySize"], bias=False)
        self.new_doc = True

    def forward(self, ids, mems, final, update=True):
        """ids `[T, B]`, mems None or one `[rows, B, model]` per layer input -> output, next mems, penalty or None.

        The output is `[T, B, vocabulary]` where `final`, else `[T, B, model]`. Without
        `update` long-term memories are read as they are.
        """
        if mems is None:
            self.new_doc = True
        word = self.word_emb(ids)
        qlen = ids.size(0)
        mlen = 0 if mems is None else min(mems[0].size(0), self.memory_length)
        klen = mlen + qlen
        mask = torch.triu(word.new_ones(qlen, klen), diagonal=1 + mlen).bool()[:, :, None]
        position = self.drop(self.pos_emb(torch.arange(klen - 1, -1, -1.0)))
        core = self.drop(word)
        hidden, penalties = [core], []
        for i, layer in enumerate(self.layers):
            past = None if mems is None else mems[i]
            core, kl = layer(core, position, self.r_w_bias, self.r_r_bias, mask, past, self.new_doc, update)
            hidden.append(core)
            if kl is not None:
                penalties.append(kl)
        if penalties:
            self.new_doc = False
        core = self.drop(core)
        mems = self.next_memories(hidden, mems)
        output = self.proj_output(core) if final else core
        return output, mems, sum(penalties) if penalties else None

    @torch.no_grad()
    def next_memories(self, hidden, mems):
        keep = self.memory_length + self.long_length
        if mems is None:
            return [rows[-keep:].detach() for rows in hidden]
        return [torch.cat([old, new], dim=0)[-keep:].detach() for old, new in zip(mems, hidden)]
