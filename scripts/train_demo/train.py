"""Trains the demo model on corpus.py's text and saves two steps of the training: early and late.

Usage: python3 train.py [--out FOLDER] [--steps N]     (README.md says what is needed and how long it takes)
"""
import argparse
import random
import time
from itertools import islice

import torch
from torch.nn import functional as F

import bpe
import corpus
from model import Llama, Shape, save

SEED = 11
THREADS = 2
LENGTH = 176  # of a row, tokens
ROWS = 24     # of a step
STEPS, EARLY, WARMUP = 1600, 150, 60
RATE, DECAY = 3e-3, 0.05


def encode(document, tokenizer):
    """Token ids, and for each the weight of predicting it. The end token leads in, and ends the text."""
    ids, weights = [0], [0.0]
    for text, weight in document:
        piece = tokenizer.encode(text)
        ids += piece
        weights += [weight] * len(piece)
    return ids + [0], weights + [1.0]


def rows_of(documents, rng):
    """Endless rows of whole documents, in a new order each time round."""
    while True:
        order = list(range(len(documents)))
        rng.shuffle(order)
        row = []
        for i in order:
            if sum(len(d[0]) - 1 for d in row) + len(documents[i][0]) - 1 > LENGTH:
                yield row
                row = []
            row.append(documents[i])


def batch_of(rows):
    tokens = torch.zeros(len(rows), LENGTH, dtype=torch.long)
    targets, weights = torch.zeros_like(tokens), torch.zeros(len(rows), LENGTH)
    owner = torch.full((len(rows), LENGTH), -1)
    for r, row in enumerate(rows):
        at = 0
        for d, (ids, weight) in enumerate(row):
            here = slice(at, at + len(ids) - 1)
            tokens[r, here], targets[r, here] = torch.tensor(ids[:-1]), torch.tensor(ids[1:])
            weights[r, here] = torch.tensor(weight[1:])
            owner[r, here] = d
            at = here.stop
    # A token sees the tokens before it in its own document alone.
    seen = (owner[:, :, None] == owner[:, None, :]).tril()
    mask = torch.zeros(seen.shape).masked_fill(~seen, -1e9)[:, None]
    return tokens, targets, weights, mask


def rate_at(step, steps):
    return RATE * min((step + 1) / WARMUP, (steps - step) / (0.4 * steps), 1.0)


def optimizer_of(model):
    matrices = [p for p in model.parameters() if p.dim() > 1]
    vectors = [p for p in model.parameters() if p.dim() == 1]
    return torch.optim.AdamW([{"params": matrices, "weight_decay": DECAY}, {"params": vectors, "weight_decay": 0.0}],
                             lr=RATE, betas=(0.9, 0.98), eps=1e-9)


def loss_of(model, rows):
    tokens, targets, weights, mask = batch_of(rows)
    asked = weights > 0
    logits = model.logits(model(tokens, mask)[asked])
    losses = F.cross_entropy(logits, targets[asked], reduction="none")
    return (losses * weights[asked]).sum() / weights.sum()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", default="models/demo")
    parser.add_argument("--steps", type=int, default=STEPS)
    options = parser.parse_args()
    torch.manual_seed(SEED)
    torch.set_num_threads(THREADS)
    torch.use_deterministic_algorithms(True)

    begin = time.time()
    texts = list(corpus.documents())
    tokenizer = bpe.train((corpus.text_of(d) for d in islice(texts, 6000)), Shape.vocab)
    documents = [encode(d, tokenizer) for d in texts]
    print(f"{len(documents)} documents, {sum(len(d[0]) for d in documents)} tokens, {time.time() - begin:.0f} s")

    model = Llama(Shape())
    print(f"{sum(p.numel() for p in model.parameters())} parameters")
    optimizer = optimizer_of(model)
    rows = rows_of(documents, random.Random(SEED))
    for step in range(options.steps):
        for group in optimizer.param_groups:
            group["lr"] = rate_at(step, options.steps)
        loss = loss_of(model, list(islice(rows, ROWS)))
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        if step + 1 == EARLY:
            save(model, tokenizer, f"{options.out}/early")
        if (step + 1) % 50 == 0:
            print(f"step {step + 1}: loss {loss.item():.4f}, {time.time() - begin:.0f} s", flush=True)
    save(model, tokenizer, f"{options.out}/late")


if __name__ == "__main__":
    main()
