"""The interpreter that waits to be forked. It knows no job; each fork gets one, in a jail of its own.

Arguments: candidate or judge, the paths of the library and of the system-call filter, its layers as a number.
"""

import sys

if sys.version_info < (3, 8):
    sys.exit("Python %d.%d is too old, 3.8 is needed" % sys.version_info[:2])
sys.path = [each for each in sys.path if each and not each.startswith("/assay")]


def wait_for_job():
    import ctypes
    import gc
    import os
    import signal

    # What programs of benchmarks import: once here instead of once a job.
    import bisect, copy, datetime, enum, functools, hashlib, heapq, itertools, operator, random, re, statistics, string  # noqa
    import encodings.ascii, textwrap, time, traceback, typing  # noqa

    # What the first job would else build for itself: caches, and pages of its own.
    unpack(pack([1, 1 << 60, 0.5, "text", (True, None), {"key": {1, 2}}]))
    exec(compile("import math\ndef f(x):\n    return [y + math.pi for y in x]\nassert f([1])", "", "exec"), {})

    role, library, filter_path, layers = sys.argv[1:5]
    native = ctypes.PyDLL(library)
    after_fork = ctypes.pythonapi.PyOS_AfterFork_Child
    after_fork.restype = None
    version = "%d.%d.%d" % sys.version_info[:3]
    gc.collect()
    gc.freeze()  # what is never freed is never written to, and stays shared
    if not native.assay_ready(("%s %s" % (version, layers)).encode(), filter_path.encode()):
        sys.exit("the system-call filter cannot be read")
    if not native.assay_next_job():
        os._exit(0)
    after_fork()
    # Every signal has been put back to what the kernel does with it: here is what python starts with.
    for number in (signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(number, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    random.seed(0)
    sys.argv = [""]
    (run_candidate if role == "candidate" else run_judge)(os)
    try:
        sys.stdout.flush()
    finally:
        os._exit(0)


wait_for_job()
