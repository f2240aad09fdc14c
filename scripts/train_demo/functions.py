"""Small Python functions in HumanEval's form: a signature and a docstring to complete.

The key of a function is its kind, the name of its parameter and its constant: training has seen every kind, but not
with that constant under that name.
"""
from split import draw

NUMBERS, LISTS, TEXTS = "n x k m num".split(), "xs items values nums data".split(), "s text word line name".split()
LETTERS = "abcdefghklmnoprst"

# kind: (names of the function, names of the parameter, what it returns, body). {p}: the parameter, {c}: the constant.
KINDS = {
    "add": ("plus raise_by", NUMBERS, "{p} plus {c}", "{p} + {c}"),
    "subtract": ("minus lower_by", NUMBERS, "{p} minus {c}", "{p} - {c}"),
    "multiply": ("times scale_by", NUMBERS, "{p} times {c}", "{p} * {c}"),
    "remainder": ("rest modulo", NUMBERS, "the rest of {p} divided by {c}", "{p} % {c}"),
    "above": ("is_above over", NUMBERS, "whether {p} is above {c}", "{p} > {c}"),
    "below": ("is_below under", NUMBERS, "whether {p} is below {c}", "{p} < {c}"),
    "equal": ("is_same equals", NUMBERS, "whether {p} equals {c}", "{p} == {c}"),
    "at least": ("floor_at at_least", NUMBERS, "the larger of {p} and {c}", "max({p}, {c})"),
    "at most": ("cap_at at_most", NUMBERS, "the smaller of {p} and {c}", "min({p}, {c})"),
    "head": ("head first", LISTS, "the first {c} items of {p}", "{p}[:{c}]"),
    "tail": ("skip drop", LISTS, "{p} without the first {c} items", "{p}[{c}:]"),
    "count": ("count how_often", LISTS, "how often {c} is in {p}", "{p}.count({c})"),
    "has": ("has contains", LISTS, "whether {c} is in {p}", "{c} in {p}"),
    "add each": ("add_each shift", LISTS, "each item of {p} plus {c}", "[i + {c} for i in {p}]"),
    "multiply each": ("times_each stretch", LISTS, "each item of {p} times {c}", "[i * {c} for i in {p}]"),
    "keep above": ("keep_above big", LISTS, "the items of {p} above {c}", "[i for i in {p} if i > {c}]"),
    "keep below": ("keep_below small", LISTS, "the items of {p} below {c}", "[i for i in {p} if i < {c}]"),
    "sum": ("total add_up", LISTS, "the sum of {p} plus {c}", "sum({p}) + {c}"),
    "repeat": ("repeat echo", TEXTS, "{p} repeated {c} times", "{p} * {c}"),
    "cut": ("cut start", TEXTS, "the first {c} letters of {p}", "{p}[:{c}]"),
    "starts": ("starts begins", TEXTS, "whether {p} starts with {l}", "{p}.startswith('{l}')"),
    "ends": ("ends closes", TEXTS, "whether {p} ends with {l}", "{p}.endswith('{l}')"),
    "letters": ("letters tally", TEXTS, "how often {l} is in {p}", "{p}.count('{l}')"),
    "append": ("append add_end", TEXTS, "{p} with {l} at the end", "{p} + '{l}'"),
    "longer": ("is_longer long", TEXTS, "whether {p} has more than {c} letters", "len({p}) > {c}"),
}


def arguments(parameter, c, letter):
    """Three arguments that tell a right body from a wrong one."""
    if parameter in NUMBERS:
        return [c - 1, c, 2 * c + 3]
    if parameter in LISTS:
        return [[], [c, 1, c + 2, 3, c], list(range(c + 2))]
    return [letter + "ab" + letter, "q", "orchard" * 3 + letter]


def check_of(entry, source, values):
    """The test of HumanEval's form, with the values that the solution itself returns."""
    scope = {}
    exec(source, scope)  # our own one-line function
    lines = [f"    assert candidate({v!r}) == {scope[entry](v)!r}" for v in values]
    return "def check(candidate):\n" + "\n".join(lines) + "\n"


def entry_of(entry, parameter, doc, body, values):
    prompt = f'def {entry}({parameter}):\n    """Return {doc}."""\n'
    solution = f"    return {body}\n"
    return {"prompt": prompt, "entry_point": entry, "canonical_solution": solution,
            "test": check_of(entry, prompt + solution, values)}


def _make(rng):
    kind = rng.choice(list(KINDS))
    names, parameters, doc, body = KINDS[kind]
    p, c, l = rng.choice(parameters), rng.randint(2, 20), rng.choice(LETTERS)
    entry = rng.choice(names.split())
    if rng.random() < 0.5:
        entry += f"_{l}" if "{l}" in doc else f"_{c}"
    fields = dict(p=p, c=c, l=l)
    key = (kind, p, l if "{l}" in doc else c)
    return key, (kind, entry, p, doc.format(**fields), body.format(**fields), arguments(p, c, l))


def function(rng, test):
    """(kind, a line of HumanEval's file without its task_id), of the test's side or of training's."""
    kind, *parts = draw(_make, rng, test)
    return kind, entry_of(*parts)
