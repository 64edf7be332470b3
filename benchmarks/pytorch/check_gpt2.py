"""Fixture kind `gpt2_ltm`: the `transformers` package's GPT-2 with the authors' memory, gradients of the last segment."""

import torch
from torch.nn import functional as F

from check_long_term import memory_sizes, prior


def not_covered(hyper, variant):
    if variant != "as-released":
        return "the memory is that of the variant as released"
    if hyper["ltm"]["sticky"]:
        return "sticky memories"
    return None


def check(fixture, variant):
    from transformers import GPT2Config, GPT2LMHeadModel

    import gpt2

    hyper, memory = fixture.hyper, fixture.hyper["ltm"]
    sizes = {name: hyper[name] for name in ("vocab_size", "n_positions", "n_embd", "n_head", "n_layer", "n_inner")}
    drops = {name: 0.0 for name in ("resid_pdrop", "embd_pdrop", "attn_pdrop")}
    config = GPT2Config(**sizes, **drops, bos_token_id=None, eos_token_id=None)
    config._attn_implementation = "sdpa"
    model = GPT2LMHeadModel(config)
    memories = gpt2.with_memory(
        model,
        memory["length"],
        memory_sizes(memory),
        memory["mask"],
        prior=prior(memory, "gpt2"),
        clamp=memory["s2_clamp_min"],
        reset_after=memory["mem_threshold"],
    )
    weights = fixture.weights()
    weights.setdefault("lm_head.weight", weights["transformer.wte.weight"])
    model.load_state_dict(weights)
    segments = fixture.tensors["ids"].long().split(hyper["segment"], dim=1)
    for index, ids in enumerate(segments):
        at = f"seg{index + 1}."
        with torch.set_grad_enabled(index == len(segments) - 1):
            logits = model(input_ids=ids, use_cache=False).logits
        ce = F.cross_entropy(logits[:, :-1].flatten(0, 1), ids[:, 1:].flatten())
        kl = gpt2.penalty(memories)
        fixture.compare(f"{at}logits", logits)
        fixture.compare(f"{at}loss", ce)
        if kl is not None:
            fixture.compare(f"{at}kl", kl)
            for layer, one in enumerate(memories):
                fixture.compare(f"{at}B.{layer}", one.module.seen["B"])
    loss = ce + hyper["kl_m"] * kl.mean()
    fixture.compare("loss", loss)
    loss.backward()
    for name, parameter in model.named_parameters():
        if parameter.grad is not None:
            fixture.compare(f"grad.{name}", parameter.grad)
