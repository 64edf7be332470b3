"""Softmax attention with relative positions, head-first, in blocks of queries; tuned, with a gradient of its own."""

import torch

import tuned

BLOCK = 128
"""Queries at a time: a block leaves out the keys that its last query may not see."""

_masks = {}


def causal_mask(queries, like):
    """0 where a query may look among the rows of its own block, -inf elsewhere: `[queries, queries]`."""
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


def rows_of(q, heads, start, end):
    """`[heads * B, L, d]` -> rows start .. end of all sequences under one another, `[heads, B * rows, d]`."""
    return q[:, start:end].reshape(heads, -1, q.size(2))


class RelativeCore(torch.autograd.Function):
    """softmax(q_content k^T + shifted(q_distance r^T)) v with the causal mask.

    q_content, q_distance `[h * B, L, d]`, both scaled; k, v `[h * B, K, d]`, the
    last L of them the queries' own rows; r `[h, K + 1, d]`, row j the key of
    distance K - 1 - j, the last one never seen.
    """

    @staticmethod
    def forward(ctx, q_content, q_distance, k, v, r):
        (_, length, _), keys, heads = q_content.shape, k.size(1), r.size(0)
        parts, outs = [], []
        for start in range(0, length, BLOCK):
            end = min(start + BLOCK, length)
            rows, seen = end - start, keys - length + end
            raw = torch.bmm(rows_of(q_distance, heads, start, end), r[:, keys - seen :].transpose(1, 2))
            scores = torch.baddbmm(
                shifted(raw, rows, seen), q_content[:, start:end], k[:, :seen].transpose(1, 2)
            )
            scores[:, :, seen - rows :] += causal_mask(rows, scores)
            weights = torch.softmax(scores, dim=-1)
            outs.append(torch.bmm(weights, v[:, :seen]))
            parts.append(weights)
        ctx.save_for_backward(q_content, q_distance, k, v, r, *parts)
        return torch.cat(outs, dim=1) if len(outs) > 1 else outs[0]

    @staticmethod
    def backward(ctx, grad):
        q_content, q_distance, k, v, r, *parts = ctx.saved_tensors
        (batch, length, size), keys, heads = q_content.shape, k.size(1), r.size(0)
        d_content, d_distance = torch.empty_like(q_content), torch.empty_like(q_distance)
        dk, dv, dr = torch.zeros_like(k), torch.zeros_like(v), torch.zeros_like(r)
        for weights, start in zip(parts, range(0, length, BLOCK)):
            rows, seen = weights.shape[1:]
            end, area = start + rows, rows * seen
            up = grad[:, start:end]
            dv[:, :seen].baddbmm_(weights.transpose(1, 2), up)
            ds = torch._softmax_backward_data(torch.bmm(up, v[:, :seen].transpose(1, 2)), weights, -1, weights.dtype)
            d_content[:, start:end] = torch.bmm(ds, k[:, :seen])
            dk[:, :seen].baddbmm_(ds.transpose(1, 2), q_content[:, start:end])
            flat = ds.new_empty(batch, rows * (seen + 1))
            flat[:, : rows - 1] = 0
            flat[:, rows - 1 + area :] = 0
            flat[:, rows - 1 : rows - 1 + area] = ds.view(batch, area)
            raw = flat.view(heads, -1, seen + 1)
            d_distance[:, start:end] = torch.bmm(raw, r[:, keys - seen :]).view(batch, rows, size)
            dr[:, keys - seen :].baddbmm_(raw.transpose(1, 2), rows_of(q_distance, heads, start, end))
        return d_content, d_distance, dk, dv, dr


def plain_core(q_content, q_distance, k, v, r):
    """The same by PyTorch's own operations and their gradients, block by block too."""
    (_, length, _), keys, heads = q_content.shape, k.size(1), r.size(0)
    outs = []
    for start in range(0, length, BLOCK):
        end = min(start + BLOCK, length)
        rows, seen = end - start, keys - length + end
        raw = torch.bmm(rows_of(q_distance, heads, start, end), r[:, keys - seen :].transpose(1, 2))
        scores = torch.baddbmm(shifted(raw, rows, seen), q_content[:, start:end], k[:, :seen].transpose(1, 2))
        scores[:, :, seen - rows :] += causal_mask(rows, scores)
        outs.append(torch.bmm(torch.softmax(scores, dim=-1), v[:, :seen]))
    return torch.cat(outs, dim=1) if len(outs) > 1 else outs[0]


def core(*operands):
    return RelativeCore.apply(*operands) if tuned.on else plain_core(*operands)


def relative_attention(q, k, v, r, content_bias, distance_bias, scale):
    """q `[h, B, L, d]`, k and v `[h, B, K, d]`, r `[h, K + 1, d]`, biases `[h, d]` -> `[h, B, L, d]`."""
    heads, batch, queries, size = q.shape
    flat = lambda rows: rows.reshape(heads * batch, -1, size)
    q_content = flat((q + content_bias[:, None, None]) * scale)
    q_distance = flat((q + distance_bias[:, None, None]) * scale)
    out = core(q_content, q_distance, flat(k), flat(v), r.contiguous())
    return out.view(heads, batch, queries, size)
