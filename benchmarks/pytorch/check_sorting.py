"""Fixture kinds `transformer_xl_layer` and `sort_lm` for both variants."""

import torch
from torch.nn import functional as F

import infinite_as_released
import infinite_careful
import long_term_as_released
import long_term_careful
from check_long_term import as_authors_order, memory_sizes, prior


def body(hyper):
    return {
        "heads": hyper["heads"],
        "headSize": hyper["d_head"],
        "modelSize": hyper["d_model"],
        "innerSize": hyper["d_inner"],
        "dropout": 0,
    }


def load(module, weights, variant):
    """Loads weights; careful models have none of those that are never used."""
    own = module.state_dict()
    if variant == "careful":
        weights = {n: t for n, t in weights.items() if n in own}
    module.load_state_dict(weights)


def compare_gradients(fixture, module, prefix):
    for name, parameter in module.named_parameters():
        if parameter.grad is not None:
            fixture.compare(prefix + name, parameter.grad)


def check_layer(fixture, variant):
    hyper = fixture.hyper
    long_term = None
    if hyper["ltm"]:
        module = long_term_as_released if variant == "as-released" else long_term_careful
        shape = (hyper["heads"], hyper["d_head"], hyper["d_model"], hyper["ltm_length"])
        long_term = lambda: module.LongTermAttention(*shape, memory_sizes(hyper), prior=prior(hyper, "sort"))
    if variant == "as-released":
        layer = infinite_as_released.DecoderLayer(body(hyper), hyper["mem_len"], hyper["pre_lnorm"], long_term)
    else:
        layer = infinite_careful.Layer(body(hyper), hyper["pre_lnorm"], long_term)
    load(layer, fixture.weights(), variant)
    calls = sum(name.endswith(".x") and name.startswith("call") for name in fixture.tensors)
    inputs = {n: t.clone().requires_grad_() for n, t in fixture.tensors.items() if n.endswith((".x", ".mems", "_bias"))}
    inputs = {n: t for n, t in inputs.items() if not n.startswith(("w.", "grad."))}
    run = layer_as_released if variant == "as-released" else layer_careful
    loss, state = 0.0, None
    for call in range(1, calls + 1):
        at = f"call{call}."
        got, state = run(layer, hyper, inputs, at, state)
        for name, value in got.items():
            fixture.compare(at + name if name != "pos_emb" else name, value)
        loss = loss + (got["out"] * fixture.tensors[f"{at}W"]).sum()
        if "kl" in got:
            loss = loss + hyper["kl_coefficient_in_loss"] * got["kl"].mean()
    fixture.compare("loss", loss)
    loss.backward()
    for name, tensor in inputs.items():
        fixture.compare(f"grad.{name}", tensor.grad)
    compare_gradients(fixture, layer, "grad.w.")


def layer_as_released(layer, hyper, inputs, at, state):
    x, mems = inputs[f"{at}x"], inputs[f"{at}mems"]
    klen = hyper["mem_len"] + len(x)
    table = infinite_as_released.PositionalEmbedding(hyper["d_model"])(torch.arange(klen - 1, -1, -1.0))
    mask = torch.triu(torch.ones(len(x), klen), diagonal=1 + hyper["mem_len"]).bool()[:, :, None]
    out, kl = layer(x, table, inputs["r_w_bias"], inputs["r_r_bias"], mask, mems, state is None)
    got = {"out": out, "attn_out": layer.dec_attn.seen["out"], "pos_emb": table}
    if kl is not None:
        long_term = layer.dec_attn.long_term_attention
        got.update(kl=kl, B=long_term.seen["B"], long_term=layer.dec_attn.seen["long_term"])
    return got, True


def layer_careful(layer, hyper, inputs, at, state):
    x, mems = (inputs[f"{at}{n}"].transpose(0, 1) for n in ("x", "mems"))
    recent, older = mems[:, -hyper["mem_len"] :], mems[:, : -hyper["mem_len"]]
    klen = hyper["mem_len"] + x.size(1)
    model = {**body(hyper), "vocabularySize": 1, "layers": 0}
    table = infinite_careful.InfiniteFormer(model, {"shortTermLength": 0}).positions(klen)
    B = layer.long_term.absorb(state, older) if hyper["ltm"] else None
    biases = (inputs["r_w_bias"], inputs["r_r_bias"])
    out, kl = layer(x, table, biases, recent, B, x.size(1), True)
    got = {"out": out.transpose(0, 1), "pos_emb": table[:-1]}
    if B is None:
        return got, None
    got.update(kl=kl.transpose(0, 1), B=as_authors_order(B, layer.long_term.widths))
    return got, B.detach()


def check_model(fixture, variant):
    hyper = fixture.hyper
    memory = {"shortTermLength": hyper["mem_len"]}
    settings = {}
    if hyper["ltm"] is not None:
        memory = {**memory, **memory_sizes(hyper["ltm"])}
        memory.update(longTermLength=hyper["augment_len"], gate=hyper["ltm"]["mask"])
        settings["prior"] = prior(hyper["ltm"], "sort")
    size = {**body(hyper), "vocabularySize": hyper["n_token"], "layers": hyper["n_layer"]}
    module = infinite_as_released if variant == "as-released" else infinite_careful
    model = module.InfiniteFormer(size, memory, **settings)
    load(model, fixture.weights(), variant)
    starts = fixture.tensors["segment_start"].tolist()
    ids, targets = fixture.tensors["ids"].long(), fixture.tensors["targets"].long()
    pieces = list(zip(starts, [*starts[1:], ids.size(1)]))
    run = model_as_released if variant == "as-released" else model_careful
    with torch.no_grad():
        run(fixture, model, ids, targets, pieces, whole=True)
    ce, kl = run(fixture, model, ids, targets, pieces, whole=False)
    loss = ce
    if kl is not None:
        fixture.compare("kl_mean", kl.mean())
        loss = ce + hyper["kl_m"] * kl.mean()
    fixture.compare("ce", ce)
    fixture.compare("loss", loss)
    loss.backward()
    compare_gradients(fixture, model, "grad.")
    adam = hyper["adam"]
    fixture.compare("grad_norm", torch.nn.utils.clip_grad_norm_(model.parameters(), adam["clip_norm"]))
    torch.optim.Adam(model.parameters(), lr=adam["lr"], betas=tuple(adam["betas"]), eps=adam["eps"]).step()
    with torch.no_grad():
        fixture.compare("ce_after_step", run(fixture, model, ids, targets, pieces, whole=False)[0])


def give(fixture, at, hidden, logits, kl):
    fixture.compare(f"{at}hidden", hidden)
    fixture.compare(f"{at}logits", logits)
    fixture.compare(f"{at}logprobs", F.log_softmax(logits, dim=-1))
    if kl is not None:
        fixture.compare(f"{at}kl", kl)


def model_as_released(fixture, model, ids, targets, pieces, whole):
    mems = None
    for index, (start, end) in enumerate(pieces):
        final = index == len(pieces) - 1
        with torch.set_grad_enabled(final and not whole):
            output, mems, kl = model(ids[:, start:end].t(), mems, final)
        if whole:
            hidden = None if final else output.transpose(0, 1)
            logits = output.transpose(0, 1) if final else model.proj_output(output).transpose(0, 1)
            give(fixture, f"seg{index + 1}.", logits if hidden is None else hidden, logits, kl)
    if whole:
        for i, rows in enumerate(mems):
            fixture.compare(f"final_mems.{i}", rows)
        return None
    start, end = pieces[-1]
    return F.cross_entropy(output.flatten(0, 1), targets[:, start:end].t().flatten(), ignore_index=21), kl


def model_careful(fixture, model, ids, targets, pieces, whole):
    memories = None
    for index, (start, end) in enumerate(pieces):
        final = index == len(pieces) - 1
        at = f"seg{index + 1}."
        rows = end - start if whole else int((targets[:, start:end] != 21).any(0).sum()) if final else 0
        with torch.set_grad_enabled(final and not whole):
            hidden, memories, penalties = model.segment(
                ids[:, start:end], memories, rows, keep=not final, penalised=final or whole
            )
        kl = torch.stack(penalties).sum(0).transpose(0, 1).flatten(1) if penalties else None
        if whole:
            give(fixture, at, hidden, model.proj_output(hidden), kl)
    if whole:
        return None
    start, end = pieces[-1]
    wanted = targets[:, end - rows : end]
    return F.cross_entropy(model.proj_output(hidden).flatten(0, 1), wanted.flatten(), ignore_index=21), kl
