"""MMLU 5-shot by lm-evaluation-harness's Hugging Face backend, batch size 1: prints a line of JSON.

The installed task files are used as they are; only the function that fetches a data set reads local CSV files."""

import argparse
import csv
import json
import os
import time
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["HF_DATASETS_OFFLINE"] = "1"

import datasets
import lm_eval
import torch
from lm_eval.models.huggingface import HFLM
from lm_eval.tasks import TaskManager


def rows(path):
    with open(path, newline="", encoding="utf-8") as file:
        for question, *choices, answer in csv.reader(file):
            yield {"question": question, "choices": choices, "answer": "ABCD".index(answer)}


def local_loader(folder):
    """Stands in for datasets.load_dataset: the hub's splits of one subject from the authors' CSV files."""

    def load_dataset(path, name=None, **_):
        if path != "cais/mmlu":
            raise SystemExit(f"a task asks for the data set {path}; only MMLU is read from local files")
        return datasets.DatasetDict(
            {split: datasets.Dataset.from_list(list(rows(folder / split / f"{name}_{split}.csv"))) for split in ("dev", "test")}
        )

    return load_dataset


class TimedLM(HFLM):
    """Adds up the time of the requests: tokenising, forward passes, log-probabilities. Reading tasks is not in it."""

    seconds = 0.0

    def loglikelihood(self, requests, **kwargs):
        begin = time.perf_counter()
        answers = super().loglikelihood(requests, **kwargs)
        self.seconds += time.perf_counter() - begin
        return answers


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", required=True)
    parser.add_argument("--dtype", required=True, choices=["float32", "bfloat16"])
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--mmlu", type=Path, required=True)
    parser.add_argument("--limit", type=int, default=2)
    parser.add_argument("--subjects", help="comma-separated; all 57 where it is left out")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    datasets.load_dataset = local_loader(args.mmlu)

    manager = TaskManager()
    begin = time.perf_counter()
    lm = TimedLM(pretrained=args.model, dtype=args.dtype, device="cpu", batch_size=1)
    loaded = time.perf_counter()
    tasks = [f"mmlu_{subject}" for subject in args.subjects.split(",")] if args.subjects else ["mmlu"]
    found = lm_eval.simple_evaluate(
        model=lm, tasks=tasks, num_fewshot=5, limit=args.limit, batch_size=1, log_samples=True, task_manager=manager
    )
    seconds = time.perf_counter() - loaded
    scores = [sample["acc"] for samples in found["samples"].values() for sample in samples]
    result = {
        "questions": len(scores),
        "seconds": seconds,
        "seconds_of_requests": lm.seconds,
        "seconds_load": loaded - begin,
        "seconds_per_question": lm.seconds / len(scores),
        "acc": sum(scores) / len(scores),
        "version": f"{lm_eval.__version__}, torch {torch.__version__}",
    }
    print(json.dumps(result))


main()
