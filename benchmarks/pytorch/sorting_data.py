"""Sequences of the sorting task, drawn anew for every step."""

import torch

SYMBOLS = 20
SEPARATOR = 20
IGNORED = 21


def batch(count, length, generator):
    """Input ids and targets, `[count, length + 20]` each; the targets of all but the last 20 rows are `IGNORED`.

    Symbol j is drawn from (1 - r) p_initial + r p_final, r = (j + 1) / length. The
    answers are the symbols by falling count, ties by first occurrence, absent ones last.
    """
    ends = torch.randint(1, 10, (2, count, SYMBOLS), generator=generator).float()
    first, last = ends / ends.sum(-1, keepdim=True)
    r = (torch.arange(1.0, length + 1) / length)[:, None]
    edges = torch.lerp(first[:, None].expand(-1, length, -1), last[:, None], r).cumsum(-1)
    draws = torch.rand(count, length, 1, generator=generator)
    symbols = (draws > edges[..., :-1]).sum(-1)
    answers = torch.stack([order(row) for row in symbols])
    separator = torch.full((count, 1), SEPARATOR)
    whole = torch.cat([symbols, separator, answers], dim=1)
    targets = torch.full((count, length + SYMBOLS), IGNORED)
    targets[:, length:] = answers
    return whole[:, :-1], targets


def order(symbols):
    """The answers to one sequence, `[20]`."""
    length = len(symbols)
    counts = torch.bincount(symbols, minlength=SYMBOLS)
    first = torch.full((SYMBOLS,), length).scatter_reduce(0, symbols, torch.arange(length), "amin")
    return torch.argsort(-counts * (length + 1) + first, stable=True)
