"""Runs every measurement, one after the other, and writes the table. Started by `run`; README.md says what is measured."""

import argparse
import datetime
import json
import os
import platform
import sys
from pathlib import Path

from assay_speed import mmlu_of_assay
from convert import convert
from machine import describe, measure
from report import table

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
TORCH_TYPES = {"f32": "float32", "bf16": "bfloat16"}
PARTS = ["assay", "llama.cpp", "transformers", "mmlu-assay", "mmlu-lm-eval"]


def arguments():
    shared = Path(os.environ.get("ASSAY_SHARED", ROOT.parent / "shared"))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("--model", type=Path, default=shared / "models/SmolLM2-135M-Instruct", help="folder with one GGUF")
    parser.add_argument("--data-dir", type=Path, default=shared / "datasets", help="folder with mmlu/")
    parser.add_argument("--assay", type=Path, default=ROOT / "build/release/assay")
    parser.add_argument("--work", type=Path, default=ROOT / "build/peers/models", help="for the converted models")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--dtypes", default="f32,bf16")
    parser.add_argument("--parts", default=",".join(PARTS))
    parser.add_argument("--limit", type=int, default=2, help="questions of each MMLU subject")
    parser.add_argument("--full", action="store_true", help="our MMLU over all questions, whatever --limit says")
    parser.add_argument("--subjects", help="of MMLU, comma-separated; default all")
    parser.add_argument("--prompt", type=int, default=512, help="prompt tokens of the peers (ours: always 512)")
    parser.add_argument("--generate", type=int, default=96, help="generated tokens of the peers (ours: always 96)")
    parser.add_argument("--out", type=Path, default=ROOT / "build/peers/result.json")
    args = parser.parse_args()
    unknown = set(args.parts.split(",")) - set(PARTS)
    if unknown:
        parser.error(f"--parts: {', '.join(sorted(unknown))} is none of {', '.join(PARTS)}")
    return args


def commands(args, paths, dtype):
    """Part -> command whose last line of output is the JSON of its result."""
    python = [sys.executable]
    threads = ["--threads", str(args.threads)]
    sizes = ["--prompt", str(args.prompt), "--generate", str(args.generate)]
    torch_type = ["--model", str(paths["folder"]), "--dtype", TORCH_TYPES[dtype]]
    subjects = ["--subjects", args.subjects] if args.subjects else []
    return {
        "assay": [str(args.assay), "bench", "--model", str(args.model), "--dtype", dtype, *threads, "--json"],
        "llama.cpp": [*python, str(HERE / "llama_cpp_speed.py"), "--model", str(paths[dtype]), *threads, *sizes],
        "transformers": [*python, str(HERE / "transformers_speed.py"), *torch_type, *threads, *sizes],
        "mmlu-lm-eval": [*python, str(HERE / "lm_eval_mmlu.py"), *torch_type, *threads, "--mmlu", str(args.data_dir / "mmlu"),
                         "--limit", str(args.limit), *subjects],
    }


def measure_part(args, paths, dtype, part):
    print(f"{part}, {dtype} ...", file=sys.stderr, flush=True)
    if part == "mmlu-assay":
        return mmlu_of_assay(args, dtype)
    return measure(commands(args, paths, dtype)[part], args.threads)


def save(args, result):
    """After every part, so that a stop loses one."""
    args.out.parent.mkdir(parents=True, exist_ok=True)
    args.out.write_text(json.dumps(result, indent=1) + "\n")


def main():
    args = arguments()
    paths = convert(args.model, args.work)
    result = {
        "date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        "machine": describe(),
        "python": platform.python_version(),
        "model": args.model.name,
        "threads": args.threads,
        "prompt": args.prompt,
        "generate": args.generate,
        "measured": {},
    }
    for dtype in args.dtypes.split(","):
        for part in args.parts.split(","):
            result["measured"].setdefault(dtype, {})[part] = measure_part(args, paths, dtype, part)
            save(args, result)
    print(table(result))


main()
