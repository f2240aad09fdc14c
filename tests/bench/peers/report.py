"""The table of a result of compare.py: `python report.py result.json` prints it again."""

import json
import sys

SPEEDS = (("prompt", "prompt_tokens_per_second"), ("generation", "generation_tokens_per_second"))


def percent(value):
    return "" if value is None else f"{100 * value:.0f} %"


def speed_rows(measured):
    """Tokens per second; the ratio is ours to the peer's."""
    for name, key in SPEEDS:
        for dtype, parts in measured.items():
            ours = parts.get("assay", {}).get(key)
            for part in ("assay", "llama.cpp", "transformers"):
                if part not in parts:
                    continue
                value = parts[part][key]
                ratio = f"{ours / value:.2f}" if ours and part != "assay" else ""
                yield [f"{name}, tokens/s", dtype, part, f"{value:.1f}", ratio, percent(parts[part]["shared"])]


def mmlu_rows(measured):
    """Seconds per question; the ratio is the peer's to ours. Above 1 is faster in both halves of the table."""
    for dtype, parts in measured.items():
        ours = parts.get("mmlu-assay")
        theirs = parts.get("mmlu-lm-eval")
        for name, part in (("assay", ours), ("lm-eval", theirs)):
            if part is None:
                continue
            ratio = f"{theirs['seconds_per_question'] / ours['seconds_per_question']:.2f}" if part is theirs and ours else ""
            what = f"MMLU 5-shot, {part['questions']} questions (acc {part['acc']:.4f}), s/question"
            yield [what, dtype, name, f"{part['seconds_per_question']:.4f}", ratio, percent(part["shared"])]


def table(result):
    header = ["", "dtype", "engine", "measured", "ours is faster by", "machine taken by others"]
    rows = [header, ["---"] * len(header), *speed_rows(result["measured"]), *mmlu_rows(result["measured"])]
    widths = [max(len(row[i]) for row in rows) for i in range(len(header))]
    return "\n".join("| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths)) + " |" for row in rows)


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as file:
        print(table(json.load(file)))
