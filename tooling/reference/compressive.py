"""Golden fixtures of the Compressive Transformer that the public ones leave out.

An independent float64 computation in NumPy of what lucidrains'
compressive-transformer-pytorch (0.4.0, MIT) computes, with gradients by
autograd: rows that leave the memory are no multiple of the ratio, memories of
another length than the segment, memories in some layers only. Written from the
description of that code, not from ours; it gives the numbers of the fixtures
made by the original to float32's last digit.

    python3 -m venv venv && venv/bin/pip install numpy scipy autograd safetensors
    venv/bin/python compressive.py ../golden/fixtures
"""

import json
import sys
from pathlib import Path

import autograd.numpy as np
import numpy as onp
from autograd import grad
from autograd.scipy.special import erf
from autograd.tracer import getval
from safetensors.numpy import save_file


def constant(x):
    """The value of `x`, a constant to every gradient."""
    while getval(x) is not x:
        x = getval(x)
    return onp.array(x)


def linear(x, weight, bias=0.0):
    return np.dot(x, weight.T) + bias


def softmax(x):
    if x.shape[-1] == 0:
        return x
    e = np.exp(x - np.max(x, axis=-1, keepdims=True))
    return e / np.sum(e, axis=-1, keepdims=True)


def full_attention(q, k, v):
    weights = softmax(np.einsum("bhid,bhjd->bhij", q, k) * q.shape[-1] ** -0.5)
    return np.einsum("bhij,bhjd->bhid", weights, v)


def attention_layer(P, x, mem, cmem, table, h, remember=True):
    """One SelfAttention: its output, the next memories, the auxiliary loss.

    `P` holds its weights by their names in the module, `table` `[heads, n', dh]`
    the rows of the position table whose last one is distance 0.
    """
    batch, t, _ = x.shape
    dh = h["dim"] // h["heads"]
    split = lambda z: z.reshape(batch, z.shape[1], h["heads"], dh).transpose((0, 2, 1, 3))
    keys_values = lambda rows, weight: [split(z) for z in np.split(linear(rows, weight), 2, axis=-1)]
    q = split(linear(x, P["to_q.weight"]))
    k, v = keys_values(np.concatenate([cmem, mem, x], 1), P["to_kv.weight"])
    n = k.shape[2]
    # Query i is row n − t + i of the keys; key j lies n − t + i − j behind it.
    distance = n - t + onp.arange(t)[:, None] - onp.arange(n)[None]
    by_row = np.einsum("bhid,hjd->bhij", q, table)
    row = onp.clip(table.shape[1] - 1 - distance, 0, table.shape[1] - 1)
    position = by_row[:, :, onp.arange(t)[:, None], row]
    scores = (np.einsum("bhid,bhjd->bhij", q, k) + position) * dh**-0.5
    scores = np.where((distance < 0)[None, None], -1e300, scores)
    read = np.einsum("bhij,bhjd->bhid", softmax(scores), v).transpose((0, 2, 1, 3)).reshape(batch, t, -1)
    out = linear(read, P["to_out.weight"], P["to_out.bias"])
    if t < h["seq_len"] or not remember:
        return out, mem, cmem, 0.0

    queue = constant(np.concatenate([mem, x], 1))
    kept = min(h["mem_len"], queue.shape[1])
    leaving, next_mem = queue[:, : queue.shape[1] - kept], queue[:, queue.shape[1] - kept :]
    ratio = h["cmem_ratio"]
    # The reference's rule: as many zero rows as are over, and an incomplete group at the end is lost.
    zeros = onp.zeros((batch, leaving.shape[1] % ratio, h["dim"]))
    padded = onp.concatenate([zeros, leaving], 1)
    groups = padded.shape[1] // ratio
    if groups == 0 or h["cmem_len"] <= 0:
        return out, next_mem, cmem, 0.0
    grouped = padded[:, : groups * ratio].reshape(batch, groups, ratio, h["dim"])
    kernel, bias = P["compress_mem_fn.conv.weight"], P["compress_mem_fn.conv.bias"]
    fresh = np.einsum("bgri,oir->bgo", grouped, kernel) + bias
    next_cmem = onp.concatenate([constant(cmem), constant(fresh)], 1)[:, -h["cmem_len"] :]
    if not h["training"]:
        return out, next_mem, next_cmem, 0.0

    query, weight = constant(q), constant(P["to_kv.weight"])
    old = [constant(z)[:, :, n - t - mem.shape[1] : n - t] for z in (k, v)]
    new = keys_values(fresh, weight)
    auxiliary = np.mean((full_attention(query, *old) - full_attention(query, *new)) ** 2)
    return out, next_mem, next_cmem, auxiliary


def layer_norm(x, gain, bias):
    centred = x - np.mean(x, -1, keepdims=True)
    return centred / np.sqrt(np.mean(centred**2, -1, keepdims=True) + 1e-5) * gain + bias


def gru_cell(P, y, x):
    sigmoid = lambda z: 1 / (1 + np.exp(-z))
    from_y = np.split(linear(y, P["weight_ih"], P["bias_ih"]), 3, axis=-1)
    from_x = np.split(linear(x, P["weight_hh"], P["bias_hh"]), 3, axis=-1)
    reset, update = (sigmoid(a + b) for a, b in zip(from_y[:2], from_x[:2]))
    candidate = np.tanh(from_y[2] + reset * from_x[2])
    return (1 - update) * candidate + update * x


def below(P, prefix):
    return {name[len(prefix) :]: value for name, value in P.items() if name.startswith(prefix)}


def residual(P, prefix, x, y):
    gate = below(P, prefix + "gru.")
    return gru_cell(gate, y, x) if gate else x + y


def run_model(P, ids, h):
    """Per segment: logits, memories and compressed memories by layer, auxiliary loss."""
    batch, length = ids.shape[0], h["seq_len"]
    memory_layers = h["memory_layers"]
    mem = cmem = [onp.zeros((batch, 0, h["dim"]))] * len(memory_layers)
    none = onp.zeros((batch, 0, h["dim"]))
    outputs = []
    for start in range(0, ids.shape[1] - 1, length):
        x = P["token_emb.weight"][ids[:, start : start + length]]
        table = P["pos_emb"][:, : mem[0].shape[1] + cmem[0].shape[1] + length]
        rolled = lambda memories: memories[1:] + memories[:1] if h["enhanced_recurrence"] else memories
        read = list(zip(rolled(mem), rolled(cmem)))
        next_mem, next_cmem, auxiliary = [], [], 0.0
        for layer in range(h["depth"]):
            remembers = layer + 1 in memory_layers
            m, c = read[memory_layers.index(layer + 1)] if remembers else (none, none)
            at = f"attn_layers.{layer}."
            normed = layer_norm(x, P[at + "fn.norm.weight"], P[at + "fn.norm.bias"])
            y, m, c, loss = attention_layer(below(P, at + "fn.fn."), normed, m, c, table, h, remembers)
            x = residual(P, at, x, y)
            at = f"ff_layers.{layer}."
            y = layer_norm(x, P[at + "fn.norm.weight"], P[at + "fn.norm.bias"])
            y = linear(y, P[at + "fn.fn.w1.weight"], P[at + "fn.fn.w1.bias"])
            y = y * 0.5 * (1 + erf(y / 2**0.5))
            x = residual(P, at, x, linear(y, P[at + "fn.fn.w2.weight"], P[at + "fn.fn.w2.bias"]))
            auxiliary = auxiliary + loss / len(memory_layers)
            if remembers:
                next_mem.append(constant(m))
                next_cmem.append(constant(c))
        mem, cmem = next_mem, next_cmem
        logits = linear(x, P["to_logits.1.weight"], P["to_logits.1.bias"])
        outputs.append((logits, mem, cmem, auxiliary))
    return outputs


def cross_entropy(logits, targets):
    shifted = logits - np.max(logits, -1, keepdims=True)
    log_probabilities = shifted - np.log(np.sum(np.exp(shifted), -1, keepdims=True))
    rows, columns = onp.indices(targets.shape)
    return -np.mean(log_probabilities[rows, columns, targets])


def expected_of_model(P, ids, h):
    targets = ids[:, -h["seq_len"] :]

    def loss(weights):
        logits, _, _, auxiliary = run_model(weights, ids, h)[-1]
        return cross_entropy(logits, targets) + auxiliary

    outputs = run_model(P, ids, h)
    expected = {"ce": cross_entropy(outputs[-1][0], targets)}
    for index, (logits, mem, cmem, auxiliary) in enumerate(outputs):
        expected[f"seg{index + 1}.logits"] = logits
        expected[f"seg{index + 1}.aux"] = auxiliary
        expected[f"seg{index + 1}.mem"] = onp.stack(mem)
        if cmem[0].shape[1] > 0:
            expected[f"seg{index + 1}.cmem"] = onp.stack(cmem)
    return expected | {f"grad.{name}": value for name, value in grad(loss)(P).items()}


def run_layer(P, table, xs, cotangents, h):
    mem = cmem = onp.zeros((h["batch"], 0, h["dim"]))
    main, auxiliary, outputs = 0.0, 0.0, []
    for x, cotangent in zip(xs, cotangents):
        n = mem.shape[1] + cmem.shape[1] + x.shape[1]
        out, mem, cmem, loss = attention_layer(P, x, mem, cmem, table[:, :n], h)
        mem, cmem = constant(mem), constant(cmem)
        main, auxiliary = main + np.sum(out * cotangent), auxiliary + loss
        outputs.append((out, mem, cmem, loss))
    return main, auxiliary, outputs


def expected_of_layer(P, table, xs, cotangents, h):
    main, auxiliary, outputs = run_layer(P, table, xs, cotangents, h)
    expected = {"main_loss": main, "aux_total": auxiliary}
    for index, (out, mem, cmem, loss) in enumerate(outputs):
        expected |= {f"seg{index + 1}.out": out, f"seg{index + 1}.aux": loss}
        expected |= {f"seg{index + 1}.mem": mem, f"seg{index + 1}.cmem": cmem}
    by_main = grad(lambda given: run_layer(*given, cotangents, h)[0])((P, table, xs))
    by_auxiliary = grad(lambda weights: run_layer(weights, table, xs, cotangents, h)[1])(P)
    for name in ("to_q.weight", "to_kv.weight", "to_out.weight", "to_out.bias"):
        expected[f"grad_main.{name}"] = by_main[0][name]
    expected["grad_main.pos_emb"] = by_main[1]
    for index, value in enumerate(by_main[2]):
        expected[f"grad_main.seg{index + 1}.x"] = value
    for name in ("conv.weight", "conv.bias"):
        expected[f"grad_aux.{name}"] = by_auxiliary[f"compress_mem_fn.{name}"]
    return {name: value for name, value in expected.items() if onp.size(value) > 0}


def write(folder, name, kind, what, seed, hyper, inputs, expected):
    tensors, described = {}, {}
    for role, group in (("input", inputs), ("expected", expected)):
        for key, value in group.items():
            value = onp.atleast_1d(onp.asarray(value))
            dtype = onp.int32 if value.dtype.kind == "i" else onp.float32
            tensors[key] = onp.ascontiguousarray(value, dtype)
            described[key] = {"dtype": dtype.__name__, "shape": list(value.shape), "role": role}
            if role == "expected":
                described[key]["rel_tol"] = 1e-4
    save_file(tensors, folder / f"{name}.safetensors")
    description = {
        "kind": kind,
        "name": name,
        "what": what,
        "made_by": "tooling/reference/compressive.py",
        "seed": seed,
        "compare": {"rule": "max|got-want| <= 1e-5 + rel_tol * max|want|, tensor by tensor"},
        "hyper": hyper,
        "tensors": described,
    }
    (folder / f"{name}.json").write_text(json.dumps(description, indent=1) + "\n")


def attention_shapes(d, ratio):
    return {
        "compress_mem_fn.conv.weight": (d, d, ratio),
        "compress_mem_fn.conv.bias": (d,),
        "to_q.weight": (d, d),
        "to_kv.weight": (2 * d, d),
        "to_out.weight": (d, d),
        "to_out.bias": (d,),
    }


def generator(seed):
    """Draws float32 numbers, so that inputs are exact in the file."""
    random = onp.random.RandomState(seed)
    return lambda shape, scale: onp.float32(random.randn(*shape) * scale).astype(onp.float64), random


def make_layer(folder, name, seed, hyper):
    draw, _ = generator(seed)
    d, heads = hyper["dim"], hyper["heads"]
    rows = hyper["seq_len"] + hyper["mem_len"] + hyper["cmem_len"]
    P = {key: draw(shape, 0.3) for key, shape in attention_shapes(d, hyper["cmem_ratio"]).items()}
    table = draw((heads, rows, d // heads), 0.5)
    shape = (hyper["batch"], hyper["seq_len"], d)
    xs, cotangents = ([draw(shape, 1.0) for _ in range(hyper["segments"])] for _ in range(2))
    inputs = {f"w.{key}": value for key, value in P.items()} | {"pos_emb": table}
    for index, (x, cotangent) in enumerate(zip(xs, cotangents)):
        inputs |= {f"seg{index + 1}.x": x, f"seg{index + 1}.W": cotangent}
    what = "Compressive Transformer self-attention layer, rows that leave are no multiple of the ratio"
    expected = expected_of_layer(P, table, xs, cotangents, hyper)
    write(folder, name, "compressive_layer", what, seed, hyper, inputs, expected)


def make_model(folder, name, seed, hyper):
    draw, random = generator(seed)
    d, inner, vocabulary = hyper["dim"], hyper["dim"] * hyper["ff_mult"], hyper["num_tokens"]
    rows = hyper["seq_len"] + hyper["mem_len"] + hyper["cmem_len"]
    shapes = {"to_logits.1.weight": (vocabulary, d), "to_logits.1.bias": (vocabulary,)}
    feed_forward = {"w1.weight": (inner, d), "w1.bias": (inner,), "w2.weight": (d, inner), "w2.bias": (d,)}
    gate = {"weight_ih": (3 * d, d), "weight_hh": (3 * d, d), "bias_ih": (3 * d,), "bias_hh": (3 * d,)}
    P = {
        "pos_emb": draw((hyper["heads"], rows, d // hyper["heads"]), 0.5),
        "token_emb.weight": draw((vocabulary, d), 1.0),
    }
    for layer in range(hyper["depth"]):
        for at, part in (("attn", attention_shapes(d, hyper["cmem_ratio"])), ("ff", feed_forward)):
            prefix = f"{at}_layers.{layer}."
            P[f"{prefix}fn.norm.weight"] = 1 + draw((d,), 0.125).round(2)
            P[f"{prefix}fn.norm.bias"] = draw((d,), 0.2)
            shapes |= {f"{prefix}fn.fn.{key}": shape for key, shape in part.items()}
            shapes |= {f"{prefix}gru.{key}": shape for key, shape in gate.items()}
    P |= {key: draw(shape, 0.4) for key, shape in shapes.items()}
    P = {key: onp.float32(value).astype(onp.float64) for key, value in P.items()}
    ids = random.randint(0, vocabulary, (hyper["batch"], hyper["segments"] * hyper["seq_len"] + 1))
    inputs = {f"w.{key}": value for key, value in P.items()} | {"ids": ids}
    what = "whole Compressive Transformer LM, GRU gating, memories in some layers, longer than a segment"
    write(folder, name, "compressive_lm", what, seed, hyper, inputs, expected_of_model(P, ids, hyper))


def main(folder):
    sizes = {"batch": 2, "dim": 12, "heads": 3, "cmem_ratio": 3, "training": True, "dropout": 0}
    layer = {"seq_len": 8, "mem_len": 12, "cmem_len": 5, "segments": 5}
    make_layer(folder, "compressive_layer_remainder", 1, sizes | layer)
    model = {"num_tokens": 13, "depth": 3, "ff_mult": 2, "memory_layers": [1, 3], "enhanced_recurrence": True}
    lengths = {"dim": 6, "heads": 2, "seq_len": 5, "mem_len": 7, "cmem_len": 4, "segments": 5}
    make_model(folder, "compressive_lm_memory_layers", 2, sizes | model | lengths)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
