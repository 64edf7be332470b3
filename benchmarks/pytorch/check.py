"""Checks the peers against the golden fixtures: `python check.py FIXTURES_DIR [--variant as-released|careful|tuned]`.

One line for each fixture and variant with the largest error as a share of its
limit (1 is the limit), then both variants against each other on random weights,
then `N passed, M failed`. Exit 1 on a failure, 2 for
wrong arguments.
"""

import argparse
import sys
from pathlib import Path

import torch

import check_compressive
import check_gpt2
import check_long_term
import check_sorting
import check_variants
import tuned
from fixtures import Fixture, names

PREFIXES = ("sortlm_", "xl_layer", "ltm_", "compressive_l", "gpt2_ltm", "gpt2_doc")


def kind_of(fixture, variant):
    """The check of a fixture and why it is not covered, one of the two being None."""
    kind, hyper = fixture.json["kind"], fixture.hyper
    if kind == "long_term_attention":
        return check_long_term.check, check_long_term.not_covered(hyper)
    if kind == "transformer_xl_layer":
        return check_sorting.check_layer, None
    if kind == "sort_lm":
        sparse = hyper["ltm"] is not None and hyper["ltm"]["norm"] != "softmax"
        return check_sorting.check_model, "sparsemax density" if sparse else None
    if kind == "compressive_layer":
        return check_compressive.check_layer, check_compressive.not_covered(fixture, variant)
    if kind == "compressive_lm":
        return check_compressive.check_model, check_compressive.not_covered(fixture, variant)
    if kind == "gpt2_ltm":
        return check_gpt2.check, check_gpt2.not_covered(hyper, variant)
    return None, f"kind {kind}"


# What the careful variants never compute, so that nothing can be compared.
UNSEEN = {"careful": ("attn_out", "long_term", "gate", "G", "G_inf", "final_mems")}


def main():
    parser = argparse.ArgumentParser(description="Checks the PyTorch peers against golden fixtures.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--variant", choices=["as-released", "careful", "tuned"])
    options = parser.parse_args()
    if not names(options.folder):
        parser.error(f"no fixtures in {options.folder}")
    passed, failed = 0, 0
    if options.variant == "tuned":
        tuned.on, options.variant = True, "careful"
    variants = [options.variant] if options.variant else ["as-released", "careful"]
    for name in names(options.folder):
        if not name.startswith(PREFIXES):
            continue
        for variant in variants:
            fixture = Fixture(options.folder, name)
            check, reason = kind_of(fixture, variant)
            if reason is not None:
                print(f"{name} {variant}: not covered: {reason}")
                continue
            check(fixture, variant)
            unseen = UNSEEN.get(variant, ())
            missed = [one for one in fixture.missed() if not any(part in one.split(".") for part in unseen)]
            share, worst = fixture.worst
            good = share <= 1 and not missed
            passed, failed = passed + good, failed + (not good)
            note = f"; never compared: {', '.join(missed)}" if missed else ""
            print(
                f"{name} {variant}: {'ok' if good else 'FAILED'}, {len(fixture.compared)} tensors, "
                f"largest error {share:.3f} of its limit ({worst}){note}"
            )
    if len(variants) == 2:
        for line, good in check_variants.run():
            passed, failed = passed + good, failed + (not good)
            print(f"as-released against careful, {line}{'' if good else ' FAILED'}")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    torch.manual_seed(0)
    sys.exit(main())
