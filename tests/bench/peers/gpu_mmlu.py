"""MMLU's prompts the way lm-evaluation-harness asks a Hugging Face model: every question's whole prompt is computed, with
logits at every position and a log-softmax over all of them. The model has Llama 3 8B's shape and random weights; prompts
have MMLU's average length. Prints questions a second for some batch sizes. Needs a GPU, torch and transformers."""
import time

import torch
from transformers import LlamaConfig, LlamaForCausalLM

PROMPT, SECONDS = 683, 10

config = LlamaConfig(vocab_size=128256, hidden_size=4096, intermediate_size=14336, num_hidden_layers=32,
                     num_attention_heads=32, num_key_value_heads=8, max_position_embeddings=8192, rope_theta=500000.0)
torch.set_default_dtype(torch.bfloat16)
with torch.device("cuda"):
    model = LlamaForCausalLM(config).eval()
print(f"transformers on {torch.cuda.get_device_name()}, torch {torch.__version__}")


@torch.no_grad()
def ask(batch):
    ids = torch.randint(0, config.vocab_size, (batch, PROMPT), device="cuda")
    logits = torch.log_softmax(model(ids).logits.float(), dim=-1)
    return logits[:, -1, :4].cpu()


best = 0.0
for batch in (1, 4, 8, 16):
    try:
        ask(batch)
        torch.cuda.synchronize()
        begin, questions = time.time(), 0
        while time.time() - begin < SECONDS:
            ask(batch)
            questions += batch
        rate = questions / (time.time() - begin)
        best = max(best, rate)
        print(f"batch {batch}: {rate:.1f} questions/s, {rate * PROMPT:.0f} tokens/s")
    except torch.cuda.OutOfMemoryError:
        print(f"batch {batch}: out of memory")
print(f"best {best:.1f} questions/s: 14,042 questions in {14042 / best:.0f} s")
