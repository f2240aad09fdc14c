"""Items of the test that a person wrote: in other words than the generators', about the same world.

Each ends its file. None of these sentences is made by the generators.
"""
from functions import entry_of

SCIENCE = (  # question, options, the right one's place
    ("A miner puts the agril into fire. What does it do?", ("sings", "bursts", "bends", "smokes"), 1),
    ("You put the cendar into water. What do you hear it do?", ("hisses", "sinks", "swells", "melts"), 0),
    ("In which place do people look for the garnoc?", ("dunes", "cliffs", "rivers", "forests"), 3),
    ("Which season has the wind Gelid?", ("winter", "spring", "summer", "autumn"), 0),
    ("What falls after the wind Ayla comes?", ("rain", "hail", "snow", "dust"), 2),
    ("In which place does the lupo sleep in winter?", ("dunes", "caves", "ponds", "rivers"), 0),
)

PROBLEMS = (
    ("Ada has 6 eggs. She buys 7 more at the market. How many eggs does Ada have now?",
     "Ada has 6 + 7 = <<6+7=13>>13 eggs.\n#### 13"),
    ("There are 15 apples at the barn. Bram takes 4. How many apples are left?",
     "There are 15 - 4 = <<15-4=11>>11 apples.\n#### 11"),
    ("Mira has 4 boxes. In each box are 5 nails. How many nails does Mira have?",
     "Mira has 4 * 5 = <<4*5=20>>20 nails.\n#### 20"),
    ("Finn makes 3 ropes a day for 4 days and then loses 2. How many ropes are left?",
     "Finn makes 3 * 4 = <<3*4=12>>12 ropes.\nFinn has 12 - 2 = <<12-2=10>>10 ropes.\n#### 10"),
    ("Kara finds 8 shells. Dov finds 9 shells. How many shells do they have together?",
     "They have 8 + 9 = <<8+9=17>>17 shells.\n#### 17"),
)

FUNCTIONS = (  # entry, parameter, what it returns, body, arguments
    ("double", "n", "n times 2", "n * 2", [0, 3, -5]),
    ("last_items", "xs", "xs without the first 1 items", "xs[1:]", [[], [4, 5, 6], [7]]),
    ("is_word", "s", "whether s has more than 1 letters", "len(s) > 1", ["", "a", "word"]),
    ("no_less", "num", "the larger of num and 0", "max(num, 0)", [-3, 0, 8]),
)

PASSAGES = (
    ("It was Friday. Nils came to the bridge and lost a white hat there. Orla found the hat at the mill.",
     (("What did Nils lose?", ("drum", "hat", "lamp", "rope"), 1),
      ("Who found the hat?", ("Finn", "Nils", "Orla", "Ada"), 2))),
    ("Greta carried a red drum to the harbour. She gave it to Hugo on Sunday.",
     (("Who got the drum?", ("Hugo", "Greta", "Dov", "Cora"), 0),
      ("Where did Greta go?", ("mill", "garden", "barn", "harbour"), 3))),
)


def science():
    return SCIENCE


def problems():
    return [{"question": q, "answer": a} for q, a in PROBLEMS]


def functions():
    return [entry_of(*f) for f in FUNCTIONS]


def passage_items():
    return [[{"passage": passage, "question": q, "options": [f"({'ABCD'[i]}) {o}" for i, o in enumerate(options)],
              "label": "ABCD"[right]} for q, options, right in questions] for passage, questions in PASSAGES]
