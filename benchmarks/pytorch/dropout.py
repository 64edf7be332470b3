"""Dropout; tuned, from 16 random bits an element: PyTorch's own spends most of its time drawing floats."""

import torch
from torch.nn import functional as F

import tuned


def dropout(x, rate, training=True):
    """x with a share of `rate` (to 1/65536) of its elements 0, the others divided by 1 - rate."""
    if not training or rate == 0:
        return x
    if not tuned.on:
        return F.dropout(x, rate)
    draws = torch.empty((x.numel() + 3) // 4, dtype=torch.int64).random_(-(2**63), None)
    bits = draws.view(torch.int16)[: x.numel()].view(x.shape)
    return x * ((bits >= round(rate * 65536) - 32768) * (1 / (1 - rate)))
