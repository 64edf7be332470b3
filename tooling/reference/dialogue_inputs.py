"""The authors' inputs for document-grounded dialogue: the oracle of `dialogueInputs` in packages/datasets.

Runs the functions of `document_grounded_generation/eval.py` in a clone of
https://github.com/deep-spin/infinite-former (6bf094c) on made-up token ids;
nothing else of that file is run, and no package is needed.

    python3 dialogue_inputs.py CLONE ../../packages/datasets/test/fixtures/dialogue-inputs.json
"""

import ast
import json
import random
import sys
import types
from collections import defaultdict
from itertools import chain
from pathlib import Path

# The ids that GPT-2's tokenizer gives: in the order of transformers' special-token attributes.
IDS = {"<bos>": 50257, "<eos>": 50258, "<pad>": 50259, "<speaker1>": 50260, "<speaker2>": 50261, "<doc>": 50262}
WANTED = {"build_input_from_segments", "build_input_from_segments_", "DoGDataset", "DoGDataset_"}


class Tokenizer:
    def convert_tokens_to_ids(self, names):
        return [IDS[name] for name in names]


def authors_functions(clone):
    source = (clone / "document_grounded_generation" / "eval.py").read_text()
    tree = ast.parse(source)
    tree.body = [node for node in tree.body if getattr(node, "name", None) in WANTED]
    names = ["<bos>", "<eos>", "<doc>", "<speaker1>", "<speaker2>", "<pad>"]
    scope = {
        "chain": chain,
        "SPECIAL_TOKENS": names,
        "torch": types.SimpleNamespace(LongTensor=list),
        "data": types.SimpleNamespace(Dataset=object),
    }
    exec(compile(tree, "eval.py", "exec"), scope)
    return scope


def case(scope, rng, document, turns, with_document):
    ids = lambda count: [rng.randrange(50257) for _ in range(count)]
    dialog = [ids(document), *(ids(count) for count in turns)]
    copy = lambda: [list(part) for part in dialog]
    options = {"baseline_nodoc": not with_document}
    whole = scope["build_input_from_segments"](copy(), Tokenizer(), valid=True, **options)
    # With --min_history above 0 every response of a conversation gets one and the same list.
    parts = scope["build_input_from_segments_"](copy(), Tokenizer(), min_length=0, **options)
    wrap = lambda instance: defaultdict(list, {name: [value] for name, value in instance.items()})
    cut = scope["DoGDataset"](wrap(whole), max_len=512)[0][0]
    last = {name: values[-1] for name, values in parts.items()}
    room = scope["DoGDataset_"](wrap(last), max_len=512, max_utt_len=50)[0][0]
    return {
        "document": dialog[0],
        "turns": dialog[1:],
        "withDocument": with_document,
        "inputs": whole["input_ids"],
        "types": whole["token_type_ids"],
        "labels": whole["lm_labels"],
        "segments": [len(one) for one in cut],
        "responses": [
            {"inputs": inputs, "types": kinds, "response": label}
            for inputs, kinds, label in zip(parts["input_ids"], parts["token_type_ids"], parts["lm_labels"])
        ],
        "segmentsBeforeLastResponse": [len(one) for one in room],
    }


def main(clone, out):
    scope = authors_functions(clone)
    rng = random.Random(3)
    sizes = [(5, [3, 2, 4, 1]), (40, [7, 1, 9, 3, 12, 2]), (700, [30, 20, 25]), (0, [1, 1]), (1530, [2, 3])]
    cases = [case(scope, rng, *size, with_document) for size in sizes for with_document in (True, False)]
    lines = ",\n".join(json.dumps(one, separators=(",", ":")) for one in cases)
    out.write_text(f'{{"ids":{json.dumps(IDS)},\n"cases":[\n{lines}\n]}}\n')


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
