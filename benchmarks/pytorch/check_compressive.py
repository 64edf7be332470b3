"""Fixture kinds `compressive_layer` (as released) and `compressive_lm` (both variants)."""

import torch
from torch.nn import functional as F

import compressive_as_released
import compressive_careful


def not_covered(fixture, variant):
    if "w.attn_layers.0.gru.weight_ih" in fixture.tensors:
        return "gated residuals"
    if fixture.json["kind"] == "compressive_layer" and variant == "careful":
        return "a layer alone: the careful variant is checked as a whole model"
    return None


def memory_sizes(hyper):
    names = {"shortTermLength": "mem_len", "compressedLength": "cmem_len", "compressionRatio": "cmem_ratio"}
    return {own: hyper[name] for own, name in names.items()}


def check_layer(fixture, variant):
    hyper = fixture.hyper
    layer = compressive_as_released.SelfAttention(hyper["dim"], hyper["heads"], memory_sizes(hyper), 0)
    layer.load_state_dict(fixture.weights())
    inputs = {n: t.clone().requires_grad_() for n, t in fixture.tensors.items() if n.endswith(".x") and n[:3] == "seg"}
    inputs["pos_emb"] = fixture.tensors["pos_emb"].clone().requires_grad_()
    mem, cmem, main, total = None, None, 0.0, 0.0
    for index in range(1, hyper["segments"] + 1):
        at = f"seg{index}."
        x = inputs[f"{at}x"]
        count = x.size(1) + sum(rows.size(1) for rows in (mem, cmem) if rows is not None)
        out, mem, cmem, aux = layer(x, mem, cmem, inputs["pos_emb"][:, :count])
        for name, value in {"out": out, "mem": mem, "cmem": cmem, "aux": aux}.items():
            fixture.compare(at + name, value)
        main, total = main + (out * fixture.tensors[f"{at}W"]).sum(), total + aux
    fixture.compare("main_loss", main)
    fixture.compare("aux_total", total)
    main.backward(retain_graph=True)
    for name, tensor in inputs.items():
        fixture.compare(f"grad_main.{name}", tensor.grad)
    for name, parameter in layer.named_parameters():
        if parameter.grad is not None:
            fixture.compare(f"grad_main.{name}", parameter.grad)
    layer.zero_grad()
    total.backward()
    for name in ("weight", "bias"):
        fixture.compare(f"grad_aux.conv.{name}", getattr(layer.compress_mem_fn.conv, name).grad)


def check_model(fixture, variant):
    hyper = fixture.hyper
    size = {
        "heads": hyper["heads"],
        "modelSize": hyper["dim"],
        "innerSize": hyper["dim"] * hyper["ff_mult"],
        "vocabularySize": hyper["num_tokens"],
        "layers": hyper["depth"],
        "segmentLength": hyper["seq_len"],
        "dropout": 0,
    }
    ids, length = fixture.tensors["ids"].long(), hyper["seq_len"]
    pieces = [(s, ids[:, s : s + length], ids[:, s + 1 : s + 1 + length]) for s in range(0, ids.size(1) - 1, length)]
    if variant == "as-released":
        model = compressive_as_released.CompressiveTransformer(size, memory_sizes(hyper))
        model.load_state_dict(fixture.weights())
        names = {name: name for name, _ in model.named_parameters()}
    else:
        model = compressive_careful.CompressiveTransformer(size, memory_sizes(hyper))
        model.load_authors(fixture.weights())
        names = model.names()
    memories = None
    for index, (_, piece, targets) in enumerate(pieces):
        final = index == len(pieces) - 1
        with torch.set_grad_enabled(final):
            if variant == "as-released":
                logits, memories, aux = model(piece, memories)
                kept = memories
            else:
                hidden, kept, aux = model.segment(piece, memories, piece.size(1), aux=True)
                logits, memories = model.to_logits(hidden), kept
                kept = [(memory, compressed) for compressed, memory in kept]
        at = f"seg{index + 1}."
        fixture.compare(f"{at}logits", logits)
        fixture.compare(f"{at}aux", torch.zeros(()) if aux is None else aux)
        for name, which in (("mem", 0), ("cmem", 1)):
            if kept[0][which] is not None:
                fixture.compare(at + name, torch.stack([one[which] for one in kept]))
    ce = F.cross_entropy(logits.flatten(0, 1), targets.flatten())
    fixture.compare("ce", ce)
    (ce + aux).backward()
    for name, parameter in model.named_parameters():
        fixture.compare(f"grad.{names[name]}", parameter.grad)
