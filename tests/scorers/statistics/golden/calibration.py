#!/usr/bin/env python3
"""Writes calibration.json beside itself: what calibration.h is held against.

Nothing of it is shared with the C++: 50 digits of decimal arithmetic, bins by sorting into half-open intervals, Wilson's
limits as roots of the quadratic equation that defines them, and the error by chance from the exact distribution of the
number of right answers (Poisson's binomial law) in each bin instead of the normal law.
"""
import json
import pathlib
import random
from decimal import Decimal, getcontext

getcontext().prec = 50
Z = Decimal("1.959963984540054")
TENTH = Decimal(1) / 10


def confidence(values):
    weights = [Decimal(repr(v)).exp() for v in values]
    return max(weights) / sum(weights)


def wilson(k, n):
    # (k/n - p)^2 = z^2 p (1 - p) / n, solved for p: a p^2 + b p + c = 0.
    p, z2 = Decimal(k) / n, Z * Z
    a, b, c = 1 + z2 / n, -(2 * p + z2 / n), p * p
    root = (b * b - 4 * a * c).sqrt()
    return [float((-b - root) / (2 * a)), float((-b + root) / (2 * a))]


def expected_gap(confidences):
    # E |number of right answers - sum of confidences|, each right with its confidence.
    law = [1.0]
    for c in map(float, confidences):
        law = [a * (1 - c) + b * c for a, b in zip(law + [0.0], [0.0] + law)]
    mean = float(sum(confidences))
    return sum(p * abs(k - mean) for k, p in enumerate(law))


def case(name, answers):
    known = [(confidence(v), r) for v, r in answers if len(v) > 1]
    n = len(known)
    bins, ece, chance = [], Decimal(0), 0.0
    for m in range(1, 11):
        inside = [(c, r) for c, r in known if (m - 1) * TENTH < c <= m * TENTH]
        if not inside:
            bins.append({"n": 0, "confidence": None, "accuracy": None, "interval": [None, None]})
            continue
        total, right = sum(c for c, _ in inside), sum(r for _, r in inside)
        ece += abs(right - total) / n
        chance += expected_gap([c for c, _ in inside]) / n
        bins.append({"n": len(inside), "confidence": float(total / len(inside)), "accuracy": right / len(inside),
                     "interval": wilson(right, len(inside))})
    mean = lambda values: float(sum(values) / n) if n else None
    return {"name": name, "values": [v for v, _ in answers], "right": [r for _, r in answers], "n": n,
            "left_out": len(answers) - n, "confidence": mean([c for c, _ in known]),
            "accuracy": mean([Decimal(r) for _, r in known]),
            "interval": wilson(sum(r for _, r in known), n) if n else [None, None], "ece": float(ece) if n else None,
            "ece_by_chance_exact": chance if n else None, "brier": mean([(c - r) ** 2 for c, r in known]), "bins": bins}


def drawn(seed, n, options, spread, truth):
    """truth: from the confidence that is stated to the share that is right."""
    source, answers = random.Random(seed), []
    for _ in range(n):
        values = [round(-2 - spread * source.expovariate(1), 4) for _ in range(options)]
        answers.append((values, int(source.random() < truth(float(confidence(values))))))
    return answers


CASES = [
    case("calibrated", drawn(1, 400, 4, 2, lambda c: c)),
    case("too sure", drawn(2, 300, 4, 4, lambda c: 0.25 + (c - 0.25) / 2)),
    case("not sure enough", drawn(3, 300, 4, 1, lambda c: min(1, c + 0.3))),
    case("sure of nothing", drawn(4, 200, 5, 0.05, lambda c: 0.2)),
    case("sure of everything", drawn(5, 150, 2, 60, lambda c: 0.9)),
    case("always right", drawn(6, 60, 3, 3, lambda c: 1)),
    case("always wrong", drawn(7, 60, 3, 3, lambda c: 0)),
    case("one answer", [([-1.0, -3.5, -2.0], 1)]),
    case("equal options", [([-1.5] * 4, 1), ([-1.5] * 4, 0), ([-0.5] * 2, 1), ([-700.0] * 5, 0)]),
    case("one option each", [([-1.0], 1), ([-2.0], 0)]),
    case("options that are hardly possible", [([-1000.0, -1001.0], 1), ([-5000.0, -100.0], 0)]),
    case("none", []),
]
with open(pathlib.Path(__file__).with_name("calibration.json"), "w", encoding="utf-8") as out:
    out.write("[\n" + ",\n".join(json.dumps(c) for c in CASES) + "\n]\n")
