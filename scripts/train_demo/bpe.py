"""A byte-level BPE tokenizer: training, encoding, and tokenizer.json in Hugging Face's form.

Sennrich et al. 2016, "Neural Machine Translation of Rare Words with Subword Units", over bytes as in GPT-2. Text is cut
by PATTERN first; a merge never crosses a cut. The training text is ASCII, so \\p{L} and [A-Za-z] cut it alike.
"""
import json
import re
from collections import Counter

END = "<|end|>"  # in front of every document, and behind the last
# A newline stands alone, so that a prompt that ends in one is cut as in training. A number of two digits is one piece: a
# small model learns to count with it the sooner.
PATTERN = re.compile(r"\n|[0-9]{1,2}| ?[A-Za-z]+| ?[^\sA-Za-z0-9]+| +(?! )|\s")
JSON_PATTERN = r"\n|\p{N}{1,2}| ?\p{L}+| ?[^\s\p{L}\p{N}]+| +(?! )|\s"


def byte_alphabet():
    """GPT-2's printable stand-ins for the 256 bytes."""
    kept = [*range(33, 127), *range(161, 173), *range(174, 256)]
    rest = [b for b in range(256) if b not in kept]
    return {**{b: chr(b) for b in kept}, **{b: chr(256 + i) for i, b in enumerate(rest)}}


ALPHABET = byte_alphabet()


def symbols(piece):
    return tuple(ALPHABET[b] for b in piece.encode())


def merged(word, pair):
    out, i = [], 0
    while i < len(word):
        if word[i:i + 2] == pair:
            out.append(word[i] + word[i + 1])
            i += 2
        else:
            out.append(word[i])
            i += 1
    return tuple(out)


class Tokenizer:
    def __init__(self, merges):
        self.merges = merges
        self.rank = {pair: i for i, pair in enumerate(merges)}
        texts = [END, *(ALPHABET[b] for b in range(256)), *(a + b for a, b in merges)]
        self.ids = {text: i for i, text in enumerate(texts)}
        self._cache = {}

    def __len__(self):
        return len(self.ids)

    def encode(self, text):
        return [i for piece in PATTERN.findall(text) for i in self._piece(piece)]

    def _piece(self, piece):
        if piece not in self._cache:
            word = symbols(piece)
            while len(word) > 1:
                pair = min(zip(word, word[1:]), key=lambda p: self.rank.get(p, len(self.rank)))
                if pair not in self.rank:
                    break
                word = merged(word, pair)
            self._cache[piece] = [self.ids[s] for s in word]
        return self._cache[piece]

    def to_json(self):
        end = {"id": 0, "content": END, "single_word": False, "lstrip": False, "rstrip": False, "normalized": False,
               "special": True}
        split = {"type": "Split", "pattern": {"Regex": JSON_PATTERN}, "behavior": "Isolated", "invert": False}
        level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": False}
        first = {"SpecialToken": {"id": END, "type_id": 0}}
        template = {"type": "TemplateProcessing",
                    "single": [first, {"Sequence": {"id": "A", "type_id": 0}}],
                    "pair": [first, {"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
                    "special_tokens": {END: {"id": END, "ids": [0], "tokens": [END]}}}
        model = {"type": "BPE", "dropout": None, "unk_token": None, "continuing_subword_prefix": None,
                 "end_of_word_suffix": None, "fuse_unk": False, "byte_fallback": False, "ignore_merges": False,
                 "vocab": self.ids, "merges": [f"{a} {b}" for a, b in self.merges]}
        return json.dumps({"version": "1.0", "truncation": None, "padding": None, "added_tokens": [end],
                           "normalizer": None, "pre_tokenizer": {"type": "Sequence", "pretokenizers": [split, level]},
                           "post_processor": template, "decoder": level, "model": model},
                          ensure_ascii=False, separators=(",", ":")) + "\n"


def train(texts, vocabulary):
    """Merges the commonest pair until the vocabulary is full; of equal ones the first in the order of their texts."""
    words = Counter(symbols(piece) for text in texts for piece in PATTERN.findall(text))
    merges = []
    while len(merges) < vocabulary - 257:
        pairs = Counter()
        for word, n in words.items():
            for pair in zip(word, word[1:]):
                pairs[pair] += n
        if not pairs:
            break
        best = min(pairs, key=lambda pair: (-pairs[pair], pair))
        merges.append(best)
        words = Counter({merged(word, best): n for word, n in words.items()})
    return Tokenizer(merges)
