"""Tokens per second of llama.cpp: prints a line of JSON. The loop is that of `assay bench`, best of the same repeats."""

import argparse
import ctypes
import json
import time

import llama_cpp as lc
import numpy as np


def some_tokens(count, vocab):
    return [(i * 37 + 11) % vocab for i in range(count)]


class Runner:
    """One sequence, greedy."""

    def __init__(self, path, threads, batch):
        lc.llama_backend_init()
        self.model = lc.llama_model_load_from_file(path.encode(), lc.llama_model_default_params())
        if not self.model:
            raise SystemExit(f"{path}: llama.cpp cannot load it")
        params = lc.llama_context_default_params()
        params.n_ctx = batch + 256
        params.n_batch = params.n_ubatch = batch
        params.n_threads = params.n_threads_batch = threads
        self.context = lc.llama_init_from_model(self.model, params)
        self.vocab = lc.llama_vocab_n_tokens(lc.llama_model_get_vocab(self.model))

    def clear(self):
        lc.llama_memory_clear(lc.llama_get_memory(self.context), True)

    def next_token(self, tokens):
        """The most likely token after these, which follow those of the calls before."""
        array = (lc.llama_token * len(tokens))(*tokens)
        if lc.llama_decode(self.context, lc.llama_batch_get_one(array, len(tokens))) != 0:
            raise SystemExit("llama_decode failed")
        logits = ctypes.cast(lc.llama_get_logits_ith(self.context, -1), ctypes.POINTER(ctypes.c_float))
        return int(np.ctypeslib.as_array(logits, (self.vocab,)).argmax())


def seconds(work):
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", required=True)
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--prompt", type=int, default=512)
    parser.add_argument("--generate", type=int, default=96)
    args = parser.parse_args()
    runner = Runner(args.model, args.threads, args.prompt)

    def prompt():
        runner.clear()
        runner.next_token(some_tokens(args.prompt, runner.vocab))

    def generation():
        runner.clear()
        token = runner.next_token(some_tokens(8, runner.vocab))
        for _ in range(args.generate - 1):
            token = runner.next_token([token])

    prompt()
    result = {
        "prompt_tokens_per_second": args.prompt / min(seconds(prompt) for _ in range(4)),
        "generation_tokens_per_second": args.generate / min(seconds(generation) for _ in range(2)),
        "version": lc.__version__,
        "features": lc.llama_print_system_info().decode(),
    }
    print(json.dumps(result))


main()
