"""Tokens per second of transformers on PyTorch: prints a line of JSON. The loop is that of `assay bench`.

The forward passes are called directly, which is faster than generate() with its bookkeeping."""

import argparse
import json
import time

import torch
import transformers


def seconds(work):
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


@torch.inference_mode()
def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", required=True)
    parser.add_argument("--dtype", required=True, choices=["float32", "bfloat16"])
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--prompt", type=int, default=512)
    parser.add_argument("--generate", type=int, default=96)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    model = transformers.AutoModelForCausalLM.from_pretrained(args.model, dtype=getattr(torch, args.dtype)).eval()
    vocab = model.config.vocab_size

    def some_tokens(count):
        return torch.tensor([[(i * 37 + 11) % vocab for i in range(count)]])

    def prompt():
        model(some_tokens(args.prompt), logits_to_keep=1)

    def generation():
        cache = transformers.DynamicCache(config=model.config)
        tokens = some_tokens(8)
        for _ in range(args.generate):
            output = model(tokens, past_key_values=cache, use_cache=True, logits_to_keep=1)
            tokens = output.logits[:, -1].argmax(-1, keepdim=True)

    prompt()
    result = {
        "prompt_tokens_per_second": args.prompt / min(seconds(prompt) for _ in range(4)),
        "generation_tokens_per_second": args.generate / min(seconds(generation) for _ in range(2)),
        "version": f"{transformers.__version__}, torch {torch.__version__}",
        "features": torch.backends.cpu.get_cpu_capability(),
    }
    print(json.dumps(result))


main()
