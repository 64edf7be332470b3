"""Softmax attention with relative positions, head-first."""

import torch
from torch.nn import functional as F

_masks = {}


def causal_mask(queries, like):
    """0 where a query may look among the rows of its own segment, -inf elsewhere: `[queries, queries]`."""
    key = (queries, like.dtype)
    if key not in _masks:
        full = torch.full((queries, queries), -float("inf"), dtype=like.dtype)
        _masks[key] = torch.triu(full, diagonal=1)
    return _masks[key]


def shifted(raw, queries, keys):
    """A view: row i of `[batch, queries, keys + 1]` moved left by queries - 1 - i, `[batch, queries, keys]`.

    Column `keys` of raw belongs to a distance that the causal mask always hides.
    """
    flat = raw.reshape(-1, queries * (keys + 1))
    return flat.narrow(1, queries - 1, queries * keys).view(-1, queries, keys)


def relative_attention(q, k, v, r, content_bias, distance_bias, scale):
    """q `[h, B, L, d]`, k and v `[h, B, K, d]`, r `[h, K + 1, d]`, biases `[h, d]` -> `[h, B, L, d]`.

    Row j of r is the key of distance K - 1 - j; the last row is never seen. The
    last L keys are those of the queries' own rows.
    """
    heads, batch, queries, size = q.shape
    keys = k.size(2)
    q_content = ((q + content_bias[:, None, None]) * scale).reshape(heads * batch, queries, size)
    q_distance = ((q + distance_bias[:, None, None]) * scale).reshape(heads, batch * queries, size)
    raw = torch.bmm(q_distance, r.transpose(1, 2))
    scores = torch.baddbmm(
        shifted(raw, queries, keys), q_content, k.reshape(heads * batch, keys, size).transpose(1, 2)
    )
    scores[:, :, keys - queries :] += causal_mask(queries, scores)
    weights = torch.softmax(scores, dim=-1)
    return torch.bmm(weights, v.reshape(heads * batch, keys, size)).view(heads, batch, queries, size)
