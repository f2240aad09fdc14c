"""The process of a test: runs it against a stand-in that asks the process of the completion. It never runs the
completion, and what it hears of it is data.

Descriptors: 3 the job, 4 answers, 5 calls, 6 the verdict: a letter (Passed, Failed, Unsupported, Memory) and a text.
"""


class _Stop(BaseException):
    """Nothing more can be learnt: not even a test that catches everything goes on."""


def _description(error, test, place):
    """The line of the test that failed, the line of the completion that raised, and the exception."""
    try:
        line = raising_line(error, "<test>", test)
        told = [line] if line else []
        if place:
            told.append("in the completion: " + place)
        text = str(error)[:500]
        told.append(type(error).__name__ + (": " + text if text else ""))
        return "\n".join(told)
    except BaseException:
        return type(error).__name__


def run_judge(os):
    import random

    prompt, test, entry_point = read_fields(3)
    answers = os.fdopen(4, "rb")
    write = os.write
    first_problem = []  # letter and text of what no test may pass over
    last_place = [""]  # in the completion, of the exception that came last

    def problem(letter, text):
        if not first_problem:
            first_problem.append(letter + text)
        raise _Stop()

    def hear():
        line = answers.readline(MOST_BYTES + 2)
        if not line.endswith(b"\n"):
            problem("F", "the program ended before it answered")
        try:
            text = line.decode("ascii")
        except UnicodeDecodeError:
            problem("U", "an answer that is no data")
        kind, content = text[:1], text[1:-1]
        try:
            if kind == "V":
                value, _, after = content.partition("\t")
                return unpack(value), after
            if kind == "R":
                name, message, last_place[0] = unpack(content)
                if not type(name) is type(message) is type(last_place[0]) is str:
                    raise CannotCross("a malformed exception")
            elif kind == "U":
                problem("U", str(unpack(content)))
            else:
                raise CannotCross("an answer that is no data")
        except (CannotCross, TypeError, ValueError) as error:
            problem("U", "an answer that is no data" if type(error) is not CannotCross else str(error))
        error_class = getattr(builtins, name, None)
        if type(error_class) is not type or not issubclass(error_class, Exception):
            error_class = type(name if name.isidentifier() else "Exception", (Exception,), {})
        try:
            error = error_class(message)
        except Exception:  # a class that wants more than a text
            error = Exception(name + ": " + message)
        raise error

    def candidate(*positional, **named):
        if first_problem:
            raise _Stop()
        try:
            asked = pack([positional, named])
        except CannotCross as error:
            problem("U", "an argument: %s" % error)
        data = asked.encode("ascii") + b"\n"
        try:
            while data:
                data = data[write(5, data) :]
        except BrokenPipeError:
            problem("F", "the program ended before it answered")
        value, after = hear()
        if after:
            try:
                write_contents(after, containers([positional, named]))
            except CannotCross as error:
                problem("U", str(error))
        return value

    candidate.__name__ = candidate.__qualname__ = entry_point
    verdict = "P"
    random.seed(0)  # a test that draws its cases draws the same ones each time
    try:
        hear()
        scope = {}
        exec(compile(prompt, "<prompt>", "exec", dont_inherit=True), scope)
        scope[entry_point] = candidate
        exec(compile(test, "<test>", "exec", dont_inherit=True), scope)
    except _Stop:
        pass
    except BaseException as error:
        verdict = ("M" if isinstance(error, MemoryError) else "F") + _description(error, test, last_place[0])
    if first_problem:
        verdict = first_problem[0]
    data = verdict.encode("utf-8", "replace")
    while data:
        data = data[write(6, data) :]
