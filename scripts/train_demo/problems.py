"""Word problems over small numbers, answered in GSM8K's form: steps with <<a+b=c>> and a last line "#### c".

The key of a problem is its kind and its numbers: what the test asks, training has seen only in problems of another kind
or with other numbers.
"""
from split import draw
from world import NAMES

THINGS = "plums nuts eggs bells shells beans apples cups nails ropes".split()
SPOTS = "mill bridge garden barn harbour market".split()
SIGNS = {"+": lambda a, b: a + b, "-": lambda a, b: a - b, "*": lambda a, b: a * b}

# kind: (story, what each step says). A step computes with the numbers of the story and with {c}, the step before.
KINDS = {
    "gift": ("{n} has {a} {t}. {m} gives {n} {b} more. How many {t} does {n} have now?",
             ["{n} has {a} + {b}"]),
    "find": ("{n} finds {a} {t} at the {p} and {b} at the {q}. How many {t} does {n} find?",
             ["{n} finds {a} + {b}"]),
    "both": ("{n} has {a} {t} and {m} has {b} {t}. How many {t} do they have together?",
             ["They have {a} + {b}"]),
    "loss": ("{n} has {a} {t}. {n} loses {b} at the {p}. How many {t} are left?",
             ["{n} has {a} - {b}"]),
    "sale": ("{n} brings {a} {t} to the {p} and sells {b}. How many {t} does {n} take home?",
             ["{n} takes home {a} - {b}"]),
    "boxes": ("There are {a} boxes at the {p}. In each box are {b} {t}. How many {t} are there?",
              ["There are {a} * {b}"]),
    "days": ("{n} makes {b} {t} a day. How many {t} does {n} make in {a} days?",
             ["{n} makes {a} * {b}"]),
    "gift and loss": ("{n} has {a} {t}. {m} gives {n} {b} more. Then {n} loses {d}. How many {t} are left?",
                      ["{n} has {a} + {b}", "{n} has {c} - {d}"]),
    "boxes and gift": ("{n} has {a} boxes with {b} {t} each. {m} gives {n} {d} more. How many {t} does {n} have now?",
                       ["{n} has {a} * {b}", "{n} has {c} + {d}"]),
}


def _numbers(steps, rng):
    sign = steps[0].split()[-2]
    if sign == "+":
        a, b = rng.randint(2, 12), rng.randint(2, 12)
    elif sign == "-":
        a = rng.randint(5, 20)
        b = rng.randint(2, min(a - 1, 12))
    else:
        a, b = rng.randint(2, 6), rng.randint(2, 6)
    return a, b, rng.randint(1, max(1, min(9, SIGNS[sign](a, b) - 1)))


def solve(steps, values):
    """The worked answer. Every step's result is the next one's {c}."""
    lines = []
    for step in steps:
        text = step.format(**values)
        a, sign, b = text.split()[-3:]
        values["c"] = SIGNS[sign](int(a), int(b))
        lines.append(f"{text} = <<{a}{sign}{b}={values['c']}>>{values['c']} {values['t']}.")
    return "\n".join(lines + [f"#### {values['c']}"])


def _make(rng):
    kind = rng.choice(list(KINDS))
    story, steps = KINDS[kind]
    n, m = rng.sample(NAMES, 2)
    p, q = rng.sample(SPOTS, 2)
    a, b, d = _numbers(steps, rng)
    values = dict(n=n, m=m, p=p, q=q, t=rng.choice(THINGS), a=a, b=b, d=d)
    key = (kind, a, b) if len(steps) == 1 else (kind, a, b, d)
    return key, {"question": story.format(**values), "answer": solve(steps, values)}


def problem(rng, test):
    """{"question", "answer"}, of the test's side or of training's."""
    return draw(_make, rng, test)
