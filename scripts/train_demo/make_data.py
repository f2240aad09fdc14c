"""Writes the demo benchmark, datasets/demo, in the forms in which MMLU, GSM8K, HumanEval, ARC and AGIEval are published.

Usage: python3 make_data.py [--out FOLDER]     (standard library only; the same bytes every time)
"""
import argparse
import csv
import io
import json
import random
from pathlib import Path

import hand_made
from corpus import FACTS_OF, asked
from functions import KINDS as FUNCTION_KINDS, function
from passages import passage_items
from problems import problem
from world import KINDS, options, question

SEED = 23
SUBJECT_ROWS, DEV_ROWS, PROBLEMS, FUNCTIONS, SCIENCE, PASSAGES, TRAIN_ROWS = 30, 5, 55, 26, 54, 18, 40


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def write_lines(path, items):
    write(path, "".join(json.dumps(item) + "\n" for item in items))


def choice_row(fact, text, place, rng):
    texts, right = options(fact, rng)
    texts[right], texts[place] = texts[place], texts[right]
    return [text, *texts, "ABCD"[place]]


def mmlu(folder, rng):
    for kind in KINDS:
        if not kind.subject:
            continue
        facts = rng.sample(FACTS_OF[kind.name], SUBJECT_ROWS)
        places = [i % 4 for i in range(SUBJECT_ROWS)]
        rng.shuffle(places)
        test = [choice_row(f, question(f, f.held_wording), p, rng) for f, p in zip(facts, places)]
        dev = [choice_row(f, asked(f, rng), p, rng)
               for f, p in zip(rng.sample(FACTS_OF[kind.name], DEV_ROWS), (1, 3, 0, 2, 1))]
        for split, rows in (("test", test), ("dev", dev)):
            text = io.StringIO()
            csv.writer(text, lineterminator="\n").writerows(rows)
            write(folder / f"demo_mmlu/{split}/{kind.subject}_{split}.csv", text.getvalue())


def arc_line(name, text, texts, right):
    choices = [{"text": t, "label": label} for t, label in zip(texts, "ABCD")]
    return {"id": name, "question": {"stem": text, "choices": choices}, "answerKey": "ABCD"[right]}


def arc(folder, rng):
    facts = [f for kind in KINDS if not kind.subject for f in FACTS_OF[kind.name]]
    test = [(question(f, f.held_wording), *options(f, rng)) for f in rng.sample(facts, SCIENCE)]
    train = [(asked(f, rng), *options(f, rng)) for f in rng.sample(facts, TRAIN_ROWS)]
    for split, rows in (("test", [*test, *hand_made.science()]), ("train", train)):
        write_lines(folder / f"demo_arc/{split}.jsonl",
                    [arc_line(f"orrel_{split}_{i}", *row) for i, row in enumerate(rows)])


def distinct(make, count):
    """So many items of make(), none twice."""
    items = {}
    while len(items) < count:
        item = make()
        items.setdefault(json.dumps(item), item)
    return list(items.values())


def gsm8k(folder, rng):
    write_lines(folder / "demo_gsm8k/train.jsonl", distinct(lambda: problem(rng, test=False), TRAIN_ROWS))
    write_lines(folder / "demo_gsm8k/test.jsonl",
                [*distinct(lambda: problem(rng, test=True), PROBLEMS), *hand_made.problems()])


def humaneval(folder, rng):
    """Every kind of function once, and one kind twice."""
    kinds, items = list(FUNCTION_KINDS), []
    while len(items) < FUNCTIONS:
        kind, item = function(rng, test=True)
        if kind == kinds[len(items) % len(kinds)]:
            items.append(item)
    write_lines(folder / "demo_humaneval/functions.jsonl",
                [{"task_id": f"demo/{i}", **item} for i, item in enumerate([*items, *hand_made.functions()])])


def agieval(folder, rng):
    passages = [*distinct(lambda: passage_items(rng, test=True), PASSAGES), *hand_made.passage_items()]
    write_lines(folder / "demo_agieval/passages.jsonl", [item for items in passages for item in items])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path(__file__).parents[2] / "datasets/demo")
    folder = parser.parse_args().out
    for i, make in enumerate((mmlu, arc, gsm8k, humaneval, agieval)):
        make(folder, random.Random(SEED + i))


if __name__ == "__main__":
    main()
