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
from world import FACTS, KINDS, fill, question

SEED = 7
ASKED, TOLD = 0.1, 1.0
DOCUMENTS = 60000
SHARES = {"paragraph": 8, "question": 40, "reading": 27, "problem": 15, "function": 10}  # in a hundred documents
FACTS_OF = {k.name: [f for f in FACTS if f.kind is k] for k in KINDS}
FACTS_OF.update({t: [f for f in FACTS if f.kind is k and f.thing == t] for k in KINDS for t in k.members})


def asked(fact, rng):
    """A question about the fact in one of the wordings that training may use."""
    wordings = [w for w in range(len(fact.attribute.questions)) if w != fact.held_wording]
    return question(fact, rng.choice(wordings))


def paragraph(rng):
    k = rng.choice(KINDS)
    thing = rng.choice(k.members)
    facts = rng.sample(FACTS_OF[thing], len(FACTS_OF[thing]))
    return [(" ".join(fill(rng.choice(f.attribute.statements), f) + "." for f in facts), TOLD)]


def questions(rng):
    """Three facts, asked; often of one subject and under its head."""
    subject = rng.choice([k for k in KINDS if k.subject]) if rng.random() < 0.6 else None
    spans = [(f"Questions about {subject.subject}.\n\n", ASKED)] if subject else []
    for fact in rng.sample(FACTS_OF[subject.name] if subject else FACTS, 3):
        spans += [(f"Question: {asked(fact, rng)}\nAnswer:", ASKED), (f" {fact.value}", TOLD), ("\n\n", ASKED)]
    return spans[:-1]


def reading(rng):
    item = passage_items(rng, test=False)[0]
    answer = item["options"]["ABCD".index(item["label"])].split()[1]
    return [(f"{item['passage']}\nQ: {item['question']}\nA: The answer is", ASKED), (f" {answer}", TOLD)]


def word_problem(rng):
    spans = []
    for _ in range(rng.choice((1, 2, 2))):
        item = problem(rng, test=False)
        spans += [(f"Question: {item['question']}\nAnswer:", ASKED), (f" {item['answer']}", TOLD), ("\n\n", ASKED)]
    return spans[:-1]


def code(rng):
    _, item = function(rng, test=False)
    return [(item["prompt"], ASKED), (item["canonical_solution"], TOLD)]


MAKERS = {"paragraph": paragraph, "question": questions, "reading": reading, "problem": word_problem, "function": code}


def documents():
    """The whole training text, in the order in which it is read; always the same."""
    rng = random.Random(SEED)
    for form in rng.choices(list(SHARES), list(SHARES.values()), k=DOCUMENTS):
        yield MAKERS[form](rng)


def text_of(document):
    return "".join(text for text, _ in document)


if __name__ == "__main__":
    for document in documents():
        print(json.dumps({"text": text_of(document)}))
