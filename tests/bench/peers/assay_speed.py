"""MMLU by `assay run`, timed without the load of the model."""

import tempfile
from pathlib import Path

from machine import measure


def run(args, dtype, subsets, limit):
    with tempfile.TemporaryDirectory() as folder:
        command = [str(args.assay), "run", "--db", str(Path(folder) / "peers.db"), "--data-dir", str(args.data_dir)]
        command += ["--model", str(args.model), "--tasks", "mmlu", "--dtype", dtype, "--threads", str(args.threads)]
        command += ["--subsets", subsets] if subsets else []
        command += ["--limit", str(limit)] if limit else []
        return measure([*command, "--quiet", "--json"], args.threads)


def mmlu_of_assay(args, dtype):
    """A question's seconds are those that the run takes beyond a run of one question: what both do is the load.

    The faster of two such runs counts, so that a disturbed load does not make ours look faster."""
    one = min((run(args, dtype, "anatomy", 1) for _ in range(2)), key=lambda result: result["seconds"])
    many = run(args, dtype, args.subjects, None if args.full else args.limit)
    scored = many["runs"][0]
    acc = next(m for m in scored["metrics"] if m["name"] == "acc" and m["subset"] is None and m["average"] == "micro")
    questions = scored["n"]
    seconds = many["seconds"] - one["seconds"]
    return {
        "questions": questions,
        "seconds": many["seconds"],
        "seconds_of_one_question": one["seconds"],
        "seconds_per_question": seconds / (questions - 1),
        "acc": acc["value"],
        "kernels": scored["manifest"]["computed"]["kernels"],
        "version": scored["manifest"]["program"]["version"],
        "wall_seconds": many["wall_seconds"],
        "shared": many["shared"],
    }
