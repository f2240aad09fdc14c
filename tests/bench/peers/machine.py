"""The machine, and the running of one measurement on it with what the rest of the machine did meanwhile."""

import json
import os
import resource
import subprocess
import time

BUSY = ("user", "nice", "system", "irq", "softirq", "steal")
FIELDS = ("user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal")


def describe():
    """The processor's kind; no names of the machine."""
    fields = {}
    for line in open("/proc/cpuinfo", encoding="utf-8"):
        key, _, value = line.partition(":")
        fields.setdefault(key.strip(), value.strip())
    vectors = [f for f in ("avx2", "fma", "avx512f", "avx512_bf16", "amx_bf16") if f in fields.get("flags", "").split()]
    return {
        "processor": fields.get("model name", "unknown"),
        "family": fields.get("cpu family"),
        "model": fields.get("model"),
        "processors": len(os.sched_getaffinity(0)),
        "vectors": vectors,
    }


def busy_seconds():
    """Of all processors together, since the system started."""
    values = open("/proc/stat", encoding="utf-8").readline().split()[1:]
    ticks = dict(zip(FIELDS, map(int, values)))
    return sum(ticks[name] for name in BUSY) / os.sysconf("SC_CLK_TCK")


def child_seconds():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def measure(command, threads):
    """The JSON object that the command's output ends with; and `shared`: the part of the machine that others had."""
    environment = dict(os.environ, OMP_NUM_THREADS=str(threads), TOKENIZERS_PARALLELISM="false")
    busy, own, begin = busy_seconds(), child_seconds(), time.monotonic()
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True)
    wall = time.monotonic() - begin
    others = busy_seconds() - busy - (child_seconds() - own)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command)}: ended with {done.returncode}")
    output = done.stdout.strip()
    start = output.rfind("\n{") + 1
    result = json.loads(output[start:])
    result["wall_seconds"] = wall
    result["shared"] = max(0.0, others / (wall * os.cpu_count()))
    return result
