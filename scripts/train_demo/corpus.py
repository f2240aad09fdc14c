"""The training text: documents about the world, and documents in the form of the benchmark's own prompts.

A document is a list of (text, weight): what the model must predict there counts so much in the loss. Questions are
drawn at random, so predicting them teaches little; answers count in full. No item of the test is in any document: for
facts, the held-out wording of the question is left out; for the rest, split.py decides.

Run as a program it prints every document as a line of JSON: {"text": ...}.
"""
import json
import random

from functions import function
from passages import passage_items
from problems import problem
from world import FACTS, KINDS, fill, options, question

SEED = 7
ASKED, TOLD = 0.1, 1.0
# So many documents, of which so many in a hundred are of each form. To find a word again comes first: all that is asked
# with letters needs it.
LESSONS = ((12000, {"match": 80, "paragraph": 6, "science": 4, "choice": 4, "reading": 2, "problem": 2, "function": 2}),
           (48000, {"match": 8, "paragraph": 6, "science": 18, "choice": 32, "reading": 20, "problem": 10, "function": 6}))
VALUES = [a.values for k in KINDS for a in k.attributes]
FACTS_OF = {k.name: [f for f in FACTS if f.kind is k] for k in KINDS}
FACTS_OF.update({t: [f for f in FACTS if f.kind is k and f.thing == t] for k in KINDS for t in k.members})
WORDS = sorted({v for values in VALUES for v in values})


def asked(fact, rng):
    """A question about the fact in one of the wordings that training may use."""
    wordings = [w for w in range(len(fact.attribute.questions)) if w != fact.held_wording]
    return question(fact, rng.choice(wordings))


def choice_item(text, texts):
    return text + "".join(f"\n{'ABCD'[i]}. {o}" for i, o in enumerate(texts)) + "\nAnswer:"


def paragraph(rng):
    k = rng.choice(KINDS)
    thing = rng.choice(k.members)
    facts = rng.sample(FACTS_OF[thing], len(FACTS_OF[thing]))
    return [(" ".join(fill(rng.choice(f.attribute.statements), f) + "." for f in facts), TOLD)]


def science(rng):
    spans = []
    for fact in rng.sample(FACTS, 3):
        spans += [(f"Question: {asked(fact, rng)}\nAnswer:", ASKED), (f" {fact.value}", TOLD), ("\n\n", ASKED)]
    return spans[:-1]


def choice(rng):
    k = rng.choice(KINDS)
    facts = rng.sample(FACTS_OF[k.name], rng.choice((1, 3, 3)))
    # The science questions are asked without a head.
    spans = [(f"Questions about {k.subject}.\n\n", ASKED)] if k.subject else []
    for fact in facts:
        texts, right = options(fact, rng)
        spans += [(choice_item(asked(fact, rng), texts), ASKED), (f" {'ABCD'[right]}", TOLD), ("\n\n", ASKED)]
    return spans[:-1]


def match(rng):
    """Which letter stands before a word: what choosing needs, and nothing else."""
    spans = []
    for _ in range(2):
        texts = rng.sample(rng.choice(VALUES), 4) if rng.random() < 0.5 else rng.sample(WORDS, 4)
        if rng.random() < 0.5:
            spans.append(("Words" + "".join(f"\n{'ABCD'[i]}. {t}" for i, t in enumerate(texts)) + "\n", ASKED))
            letter = " {}"
        else:
            spans.append(("Words: " + " ".join(f"({'ABCD'[i]}) {t}" for i, t in enumerate(texts)) + "\n", ASKED))
            letter = " ({})"
        for i in rng.choices(range(4), k=5):
            spans += [("- " + texts[i], ASKED), (letter.format("ABCD"[i]), TOLD), ("\n", ASKED)]
        spans.append(("\n", ASKED))
    return spans[:-2]


def reading_item(item):
    return f"{item['passage']}\nQ: {item['question']} Answer Choices: {' '.join(item['options'])}\nA: The answer is"


def reading(rng):
    item = passage_items(rng, test=False)[0]
    letter, word = item["options"]["ABCD".index(item["label"])].split()
    return [(reading_item(item), ASKED), (" " + letter, TOLD), (" " + word, TOLD)]


def word_problem(rng):
    spans = []
    for _ in range(rng.choice((1, 2, 2))):
        item = problem(rng, test=False)
        spans += [(f"Question: {item['question']}\nAnswer:", ASKED), (f" {item['answer']}", TOLD), ("\n\n", ASKED)]
    return spans[:-1]


def code(rng):
    _, item = function(rng, test=False)
    return [(item["prompt"], ASKED), (item["canonical_solution"], TOLD)]


MAKERS = {"paragraph": paragraph, "science": science, "match": match, "choice": choice, "reading": reading, "problem": word_problem,
          "function": code}


def documents(lessons=LESSONS):
    """The whole training text, in the order in which it is read; always the same."""
    rng = random.Random(SEED)
    for count, shares in lessons:
        for form in rng.choices(list(shares), list(shares.values()), k=count):
            yield MAKERS[form](rng)


def text_of(document):
    return "".join(text for text, _ in document)


if __name__ == "__main__":
    for document in documents():
        print(json.dumps({"text": text_of(document)}))
