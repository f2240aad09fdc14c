"""Orrel, a small made-up world: its things, their attributes, and how each attribute is told and asked.

Everything else (training text, benchmark files) is made from this description. FACTS is the whole world: a few hundred
attributes of single things, drawn once from a fixed seed so that each value of an attribute is about equally frequent.
"""
import random
from dataclasses import dataclass

SEED = 20240601

COLOURS = "red blue green white black grey yellow brown".split()
PLACES = "caves marshes meadows cliffs forests rivers dunes ponds".split()
SEASONS = "spring summer autumn winter".split()
NAMES = "Ada Bram Cora Dov Elin Finn Greta Hugo Ines Jory Kara Lars Mira Nils Orla Pavel".split()
TOWNS = "Arden Belk Corth Dunmar Eskel Farrow Gant Holm Ister Jarrow Kest Lorne Mossby Norrel Ostin Pram".split()
CREATURES = "marl tosk brin fenk lupo vesh grum pell sorn quib nall drev hoad zimp wole yark".split()


@dataclass(frozen=True)
class Kind:
    """One kind of thing. `called` turns a name into how a sentence calls it."""

    name: str
    subject: str  # of the multiple-choice benchmark; "" for the kinds of the science benchmark
    called: str
    members: tuple
    attributes: tuple


@dataclass(frozen=True)
class Attribute:
    """An attribute with its values; {x} is the thing, {v} the value. Questions are asked in four wordings."""

    name: str
    values: tuple
    statements: tuple
    questions: tuple


@dataclass(frozen=True)
class Fact:
    kind: Kind
    thing: str
    attribute: Attribute
    value: str
    held_wording: int  # the wording of the question that training never uses for this fact


def attribute(name, values, statements, questions):
    values = values.split() if isinstance(values, str) else values
    return Attribute(name, tuple(values), tuple(statements.split("|")), tuple(questions.split("|")))


def kind(name, subject, called, members, *attributes):
    members = members.split() if isinstance(members, str) else members
    return Kind(name, subject, called, tuple(members), attributes)


KINDS = (
    kind("town", "geography", "{}", TOWNS,
         attribute("river", "Alm Brae Cled Dunn Esk Fal Gare Hew", "{x} lies on the river {v}|The river of {x} is the {v}",
                   "Which river does {x} lie on?|On which river is {x}?|What is the river of {x}?|{x} lies on which river?"),
         attribute("ware", "glass bread rope honey paper bells boats cloth", "{x} is known for {v}|People come to {x} for {v}",
                   "What is {x} known for?|What do people come to {x} for?|For what is {x} known?|{x} is known for what?"),
         attribute("walls", COLOURS, "The walls of {x} are {v}|{x} has {v} walls",
                   "What colour are the walls of {x}?|Which colour do the walls of {x} have?|The walls of {x} are which colour?"
                   "|What is the colour of the walls of {x}?"),
         attribute("market", "Monday Tuesday Wednesday Thursday Friday Saturday Sunday",
                   "The market of {x} is on {v}|{x} has its market on {v}",
                   "When is the market of {x}?|On which day is the market of {x}?|Which day is the market of {x}?"
                   "|On what day does {x} have its market?")),
    kind("creature", "zoology", "the {}", CREATURES,
         attribute("food", "moss seeds fish bark berries beetles roots snails", "{X} eats {v}|The food of {x} is {v}",
                   "What does {x} eat?|What is the food of {x}?|{X} eats what?|Which food does {x} eat?"),
         attribute("home", PLACES, "{X} lives in {v}|The home of {x} is in {v}",
                   "Where does {x} live?|Where is the home of {x}?|{X} lives where?|In which place does {x} live?"),
         attribute("coat", COLOURS, "The coat of {x} is {v}|{X} has a {v} coat",
                   "What colour is the coat of {x}?|Which colour does the coat of {x} have?|The coat of {x} is which colour?"
                   "|What is the colour of the coat of {x}?"),
         attribute("sleep", SEASONS, "{X} sleeps in {v}|In {v} {x} is asleep",
                   "When does {x} sleep?|In which season does {x} sleep?|{X} sleeps in which season?"
                   "|In which season is {x} asleep?")),
    kind("plant", "botany", "the {}", "avel birra cospe delm erran folsa ginth hespa iveth jorra kelva lusk mirrel nosta opple prisk",
         attribute("flower", COLOURS, "The flower of {x} is {v}|{X} has a {v} flower",
                   "What colour is the flower of {x}?|Which colour does the flower of {x} have?"
                   "|The flower of {x} is which colour?|What is the colour of the flower of {x}?"),
         attribute("ground", PLACES, "{X} grows in {v}|You find {x} in {v}",
                   "Where does {x} grow?|Where do you find {x}?|{X} grows where?|In which place does {x} grow?"),
         attribute("bloom", SEASONS, "{X} blooms in {v}|In {v} {x} is in bloom",
                   "When does {x} bloom?|In which season does {x} bloom?|{X} blooms in which season?"
                   "|In which season is {x} in bloom?"),
         attribute("cure", "coughs fevers burns colds aches bites rashes sprains", "{X} heals {v}|Healers use {x} against {v}",
                   "What does {x} heal?|What do healers use {x} against?|{X} heals what?|Against what is {x} used?")),
    kind("tool", "crafts", "the {}",
         "borik cladger dorrin fassel gimmock harpin jessel kravet lomper nibber orlop parrik rasper spindel tweeg ulmer",
         attribute("material", "copper oak iron bone silver clay leather horn", "{X} is made of {v}|Smiths make {x} of {v}",
                   "What is {x} made of?|Of what do smiths make {x}?|{X} is made of what?|Which material is {x} made of?"),
         attribute("use", "weaving digging baking carving fishing sewing painting brewing",
                   "{X} is used for {v}|You need {x} for {v}",
                   "What is {x} used for?|For what do you need {x}?|{X} is used for what?|Which work is {x} used for?"),
         attribute("store", "barns kitchens cellars sheds attics stables towers lofts", "{X} is kept in {v}|People keep {x} in {v}",
                   "Where is {x} kept?|Where do people keep {x}?|{X} is kept where?|In which place is {x} kept?")),
    kind("person", "people", "{}", NAMES,
         attribute("work", "weaver baker miller fisher smith potter healer tanner", "{x} is a {v}|{x} works as a {v}",
                   "What is the work of {x}?|What does {x} work as?|{x} works as what?|Which work does {x} do?"),
         attribute("town", TOWNS[:8], "{x} lives in {v}|The home of {x} is in {v}",
                   "Where does {x} live?|In which town does {x} live?|{x} lives in which town?|Where is the home of {x}?"),
         attribute("pet", CREATURES[:8], "{x} keeps a {v}|The pet of {x} is a {v}",
                   "Which pet does {x} keep?|What is the pet of {x}?|{x} keeps which pet?|What does {x} keep as a pet?"),
         attribute("music", "flute drum harp fiddle lute pipe whistle gong", "{x} plays the {v}|You hear {x} play the {v}",
                   "What does {x} play?|What do you hear {x} play?|{x} plays what?|Which music does {x} play?")),
    kind("stone", "", "the {}", "agril bask cendar drome elvar flinn garnoc hesk iolan jastor korund lazul mordel nephal opalin pyrrin",
         attribute("colour", COLOURS, "{X} is {v}|The colour of {x} is {v}",
                   "What colour is {x}?|What is the colour of {x}?|Which colour does {x} have?|{X} is which colour?"),
         attribute("water", "floats sinks melts glows hisses swells cracks softens", "In water {x} {v}|Put into water, {x} {v}",
                   "What happens to {x} in water?|What does {x} do in water?|Put into water, {x} does what?"
                   "|What do you see when {x} is in water?"),
         attribute("fire", "smokes sings shrinks bends sparks darkens bursts shines", "In fire {x} {v}|Put into fire, {x} {v}",
                   "What happens to {x} in fire?|What does {x} do in fire?|Put into fire, {x} does what?"
                   "|What do you see when {x} is in fire?"),
         attribute("found", PLACES, "{X} is found in {v}|Miners find {x} in {v}",
                   "Where is {x} found?|Where do miners find {x}?|{X} is found where?|In which place is {x} found?")),
    kind("wind", "", "the wind {}", "Ayla Boro Cirr Dusta Embra Foro Gelid Hask Ivor Juno",
         attribute("weather", "rain fog snow hail dust thunder frost drizzle", "{X} brings {v}|After {x} comes {v}",
                   "What does {x} bring?|What comes after {x}?|{X} brings what?|Which weather does {x} bring?"),
         attribute("from", "north south east west", "{X} blows from the {v}|From the {v} comes {x}",
                   "Where does {x} blow from?|From where does {x} come?|{X} blows from where?"
                   "|From which side does {x} blow?"),
         attribute("season", SEASONS, "{X} blows in {v}|In {v} comes {x}",
                   "When does {x} blow?|In which season does {x} blow?|{X} blows in which season?"
                   "|In which season comes {x}?")),
)

SUBJECTS = tuple(k.subject for k in KINDS if k.subject)


def _facts():
    rng = random.Random(SEED)
    facts = []
    for k in KINDS:
        for a in k.attributes:
            values = [a.values[i % len(a.values)] for i in range(len(k.members))]
            rng.shuffle(values)
            held = [i % len(a.questions) for i in range(len(k.members))]
            rng.shuffle(held)
            facts += [Fact(k, *row[:1], a, *row[1:]) for row in zip(k.members, values, held)]
    return tuple(facts)


FACTS = _facts()


def fill(template, fact):
    """{x} as the thing is called inside a sentence, {X} at its beginning, {v} the value."""
    called = fact.kind.called.format(fact.thing)
    return template.format(x=called, X=called[0].upper() + called[1:], v=fact.value)


def question(fact, wording):
    return fill(fact.attribute.questions[wording], fact)


def options(fact, rng):
    """Four different values of the attribute in random order, and the place of the right one."""
    wrong = rng.sample([v for v in fact.attribute.values if v != fact.value], 3)
    place = rng.randrange(4)
    return wrong[:place] + [fact.value] + wrong[place:], place
