"""Short passages with questions about them, in AGIEval's form. What a passage tells is nowhere else: it must be read.

The key of a passage is who does what with which thing, so the passages of the test are new to the model, and so are
their questions' right answers, although every word is known.
"""
from split import draw
from world import COLOURS, NAMES

THINGS = "basket lamp knife hat cup rope chair drum scarf kettle ladder mirror".split()
SPOTS = "mill bridge garden barn harbour market".split()
DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
WORDS = {"n": NAMES, "m": NAMES, "t": THINGS, "u": THINGS, "k": COLOURS, "j": COLOURS, "p": SPOTS, "q": SPOTS, "d": DAYS,
         "e": DAYS}

# A passage and its questions: (question, the place whose word is the answer).
KINDS = {
    "bought": ("On {d} {n} went to the {p}. There {n} bought a {k} {t} and gave it to {m}.",
               [("What did {n} buy?", "t"), ("Where did {n} go?", "p"), ("When did {n} go to the {p}?", "d"),
                ("What colour is the {t}?", "k"), ("Who got the {t}?", "m"), ("Who bought the {t}?", "n")]),
    "met": ("At the {p} {n} met {m}. There {n} carried a {k} {t}, and {m} carried a {j} {u}.",
            [("What did {n} carry?", "t"), ("What did {m} carry?", "u"), ("What colour is the {t}?", "k"),
             ("What colour is the {u}?", "j"), ("Who carried the {u}?", "m"), ("Where did {n} meet {m}?", "p")]),
    "lost": ("On {d} {n} lost a {k} {t} at the {p}. On {e} {m} found it at the {q}.",
             [("What did {n} lose?", "t"), ("Where did {n} lose the {t}?", "p"), ("Where did {m} find the {t}?", "q"),
              ("When did {n} lose the {t}?", "d"), ("Who found the {t}?", "m"), ("What colour is the {t}?", "k")]),
}


def _question(text, answer, words, rng):
    """The other words of the answer's kind in the passage are among the wrong options."""
    right = words[answer]
    near = [w for w in words.values() if w in WORDS[answer] and w != right]
    far = [w for w in WORDS[answer] if w != right and w not in near]
    wrong = near[:3] + rng.sample(far, 3 - len(near[:3]))
    rng.shuffle(wrong)
    place = rng.randrange(4)
    options = wrong[:place] + [right] + wrong[place:]
    return {"question": text.format(**words), "options": [f"({'ABCD'[i]}) {o}" for i, o in enumerate(options)],
            "label": "ABCD"[place]}


def _make(rng):
    kind = rng.choice(list(KINDS))
    text, questions = KINDS[kind]
    words = {}
    for pair in ("nm", "tu", "kj", "pq", "de"):
        words.update(zip(pair, rng.sample(WORDS[pair[0]], 2)))
    asked = [_question(q, a, {w: words[w] for w in words if "{" + w + "}" in text}, rng)
             for q, a in rng.sample(questions, 2)]
    key = (kind, words["n"], words["m"], words["t"])
    return key, [{"passage": text.format(**words), **item} for item in asked]


def passage_items(rng, test):
    """Two questions about one passage: lines of AGIEval's form."""
    return draw(_make, rng, test)
