"""What the Python packages say of pairs of texts: the oracle of packages/metrics.

ROUGE by `rouge-score`, METEOR and the Porter stemmer by `nltk` (METEOR with an
empty thesaurus, so that equal words and equal stems are all that match), and
word overlap with SQuAD's normalisation, written here from its description.
The texts are from Melville's "Moby-Dick" (1851), or made up.

    python3 -m venv venv && venv/bin/pip install rouge-score==0.1.2 nltk==3.10.4
    venv/bin/python text_scores.py ../../packages/metrics/test/fixtures
"""

import json
import random
import re
import string
import sys
from collections import Counter
from pathlib import Path

import numpy as np
from nltk.stem.porter import PorterStemmer
from nltk.translate.meteor_score import meteor_score
from rouge_score.rouge_scorer import RougeScorer

SENTENCES = [
    "Call me Ishmael.",
    "Some years ago - never mind how long precisely - having little or no money in my purse, and nothing "
    "particular to interest me on shore, I thought I would sail about a little and see the watery part of the world.",
    "It is a way I have of driving off the spleen, and regulating the circulation.",
    "There is nothing surprising in this.",
    "If they but knew it, almost all men in their degree, some time or other, cherish very nearly the same "
    "feelings towards the ocean with me.",
    "There now is your insular city of the Manhattoes, belted round by wharves as Indian isles by coral reefs.",
    "Right and left, the streets take you waterward.",
    "Look at the crowds of water-gazers there.",
    "Circumambulate the city of a dreamy Sabbath afternoon.",
    "But these are all landsmen; of week days pent up in lath and plaster - tied to counters, nailed to benches, "
    "clinched to desks.",
    "Why did the old Persians hold the sea holy? Why did the Greeks give it a separate deity, and own brother of Jove?",
    "Better sleep with a sober cannibal than a drunken Christian.",
    "I know not all that may be coming, but be it what it will, I'll go to it laughing.",
    "Ignorance is the parent of fear.",
    "A whale-ship was my Yale College and my Harvard.",
]

BY_HAND = [
    ("", ""),
    ("", "the whale"),
    ("the whale", ""),
    ("   \t\n", "the whale"),
    ("the", "a"),
    ("the", "the"),
    ("whale", "whale"),
    ("Whale", "wHALE"),
    ("whale", "whales"),
    ("whale", "ship"),
    ("...!?", "...!?"),
    ("...!?", "whale"),
    ("whale whale whale", "whale"),
    ("whale", "whale whale whale"),
    ("whale ship whale ship", "ship whale ship whale"),
    ("the the the the", "the cat the mat"),
    ("a an the", "an a"),
    ("the cat sat on the mat", "on the mat sat the cat"),
    ("the cats were running", "a cat runs"),
    ("dying dies died", "die dying lies"),
    ("it's he's don't", "its hes dont"),
    ("water-gazers' 3,141.59 (pi)", "water gazers 3 141 59 pi"),
    ("snake_case kebab-case", "snake case kebab case"),
    ("caf\u00e9 na\u00efve \u00c9t\u00e9", "CAF\u00c9 NA\u00cfVE \u00e9t\u00e9"),
    ("\u03a3\u03af\u03c3\u03c5\u03c6\u03bf\u03c2 \u039f\u0394\u039f\u03a3", "\u03c3\u03af\u03c3\u03c5\u03c6\u03bf\u03c2 \u03bf\u03b4\u03cc\u03c2"),
    ("\u0130stanbul STRASSE", "i\u0307stanbul stra\u00dfe"),
    ("\u212aelvin \ufb01sh", "kelvin fish"),
    ("\u9be8\u306f \u6d77\u306b \u3044\u308b", "\u9be8\u306f \u3044\u308b"),
    ("\U0001f433\U0001f433ed o\U0001f433 \U0001f433\U0001f433", "\U0001f433\U0001f433 o\U0001f433s \U0001f433\U0001f433ing"),
    ("one\u00a0two\u2003three\u3000four", "one two three four"),
    ("one\u0085two\u001fthree\u001cfour", "one two three four"),
    ("one\ufefftwo one\u200btwo", "one two"),
    ("\u00e9a a\u00e9 the\u0301 \u00aba\u00bb a\u0661", "a the"),
    ("\u201cthe\u201d \u2018an\u2019 \u2026a\u2026", "\u201c \u2018 \u2026"),
    ("<speaker1> hello <eos>", "hello"),
    ("organization organizer organized", "organizations organize organizing"),
    ("she sells sea shells by the sea shore", "sea shells she sells by the shore"),
    ("so so so good", "good so so"),
    ("word " * 300, "word other " * 150),
]

STEMS = "a whal sail r tr ee oat yell syzyg hop fall hiss fizz plaster rel condit valen vietnam de n caus \u00e9t".split()
SUFFIXES = (
    "s es ies ied ed eed ing y ly ational tional enci anci izer bli abli alli entli eli ousli ization ation ator "
    "alism iveness fulness ousness aliti iviti biliti fulli logi icate ative alize iciti ical ful ness al ance ence "
    "er ic able ible ant ement ment ent sion tion ou ism ate iti ous ive ize e ll"
).split()
IRREGULAR = (
    "sky skies dying lying tying news innings inning outings outing cannings canning howe proceed exceed succeed "
    "ties dies died tied flies fly enjoy by bys dyed say"
).split()


class EmptyThesaurus:
    def synsets(self, word):
        return []


def content_words(text):
    text = "".join(c for c in text.lower() if c not in string.punctuation)
    return re.sub(r"\b(a|an|the)\b", " ", text).split()


def word_overlap(candidate, reference):
    ours, theirs = content_words(candidate), content_words(reference)
    common = sum((Counter(ours) & Counter(theirs)).values())
    if common == 0:
        return [0.0, 0.0, 0.0]
    precision, recall = common / len(ours), common / len(theirs)
    return [precision, recall, 2 * precision * recall / (precision + recall)]


def scores(candidate, references):
    def rouge(stem):
        found = RougeScorer(["rouge1", "rougeL"], use_stemmer=stem).score_multi(references, candidate)
        return [[float(x) for x in found[name]] for name in ("rouge1", "rougeL")]

    def meteor(**weights):
        words = [reference.split() for reference in references]
        return meteor_score(words, candidate.split(), wordnet=EmptyThesaurus(), **weights)

    stemmed, plain = rouge(True), rouge(False)
    return {
        "wordOverlap": max((word_overlap(candidate, one) for one in references), key=lambda found: found[2]),
        "rouge1": stemmed[0],
        "rougeL": stemmed[1],
        "rouge1Unstemmed": plain[0],
        "rougeLUnstemmed": plain[1],
        "meteor": meteor(),
        "meteorOtherWeights": meteor(alpha=0.8, beta=1.5, gamma=0.3),
    }


def changed(rng, sentence):
    """The sentence with words dropped, doubled, swapped, inflected or put in capitals."""
    words = sentence.split()
    for _ in range(rng.randrange(1, 6)):
        at = rng.randrange(len(words))
        kind = rng.randrange(6)
        if kind == 0 and len(words) > 1:
            del words[at]
        elif kind == 1:
            words.insert(rng.randrange(len(words)), words[at])
        elif kind == 2:
            other = rng.randrange(len(words))
            words[at], words[other] = words[other], words[at]
        elif kind == 3:
            words[at] += rng.choice(SUFFIXES)
        elif kind == 4:
            words[at] = words[at].upper()
        else:
            words[at] = rng.choice(rng.choice(SENTENCES).split())
    return " ".join(words)


def main(folder):
    rng = random.Random(7)
    pairs = [(candidate, [reference]) for candidate, reference in BY_HAND]
    pairs += [(changed(rng, sentence), [sentence]) for sentence in SENTENCES for _ in range(4)]
    pairs += [(changed(rng, rng.choice(SENTENCES)), [rng.choice(SENTENCES)]) for _ in range(30)]
    pairs += [
        (changed(rng, sentence), [changed(rng, sentence), "", rng.choice(SENTENCES), changed(rng, sentence)])
        for sentence in SENTENCES
    ]
    pairs += [("whale ship", ["whale ship sea mast", "whale"]), ("whale ship", ["whale", "whale ship sea mast"])]
    found = [{"candidate": c, "references": r, **scores(c, r)} for c, r in pairs]
    names = ("wordOverlap", "rouge1", "rougeL", "meteor")
    means = {name: np.mean([one[name] for one in found], axis=0).tolist() for name in names}
    lines = ",\n".join(json.dumps(one) for one in found)
    (folder / "scores.json").write_text(f'{{"means": {json.dumps(means)},\n"pairs": [\n{lines}\n]}}\n')

    words = IRREGULAR + [word for sentence in SENTENCES for word in sentence.split()]
    words += [stem + suffix for stem in STEMS for suffix in SUFFIXES]
    words += ["".join(rng.choice(STEMS + SUFFIXES) for _ in range(rng.randrange(1, 5))) for _ in range(800)]
    words += [word.upper() for word in words[::9]]
    stem = PorterStemmer().stem
    stems = {word: stem(word) for word in words}
    (folder / "stems.json").write_text(json.dumps(stems, indent=0) + "\n")
    print(f"{len(found)} pairs, {len(stems)} words")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
