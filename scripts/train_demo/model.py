"""A small Llama, as transformers' LlamaForCausalLM computes it, and its files."""
import json
import math
import struct
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional as F


@dataclass(frozen=True)
class Shape:
    vocab: int = 1024
    dim: int = 128
    layers: int = 5
    heads: int = 4
    ffn: int = 256
    context: int = 512
    theta: float = 10000.0
    eps: float = 1e-5


class RmsNorm(nn.Module):
    def __init__(self, shape):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(shape.dim))
        self.eps = shape.eps

    def forward(self, x):
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + self.eps) * self.weight


def linear(rows_in, rows_out, spread):
    layer = nn.Linear(rows_in, rows_out, bias=False)
    nn.init.normal_(layer.weight, std=spread / math.sqrt(rows_in))
    return layer


def rotate(x, cos, sin):  # (batch, heads, length, head_dim)
    a, b = x.chunk(2, dim=-1)
    return x * cos + torch.cat((-b, a), dim=-1) * sin


class Attention(nn.Module):
    def __init__(self, shape):
        super().__init__()
        self.heads = shape.heads
        self.q_proj = linear(shape.dim, shape.dim, 1)
        self.k_proj = linear(shape.dim, shape.dim, 1)
        # Like looks for like from the start (Trockman and Kolter 2023, "Mimetic Initialization of Self-Attention Layers"):
        # to find a word of the passage again is slow to learn from noise.
        with torch.no_grad():
            self.k_proj.weight.copy_(self.q_proj.weight)
        self.v_proj = linear(shape.dim, shape.dim, 1)
        self.o_proj = linear(shape.dim, shape.dim, 1 / math.sqrt(2 * shape.layers))

    def forward(self, x, cos, sin, mask):
        batch, length, dim = x.shape
        q, k, v = (p(x).view(batch, length, self.heads, -1).transpose(1, 2)
                   for p in (self.q_proj, self.k_proj, self.v_proj))
        scores = rotate(q, cos, sin) @ rotate(k, cos, sin).transpose(2, 3) / math.sqrt(dim // self.heads) + mask
        return self.o_proj((scores.softmax(-1) @ v).transpose(1, 2).reshape(batch, length, dim))


class Mlp(nn.Module):
    def __init__(self, shape):
        super().__init__()
        self.gate_proj = linear(shape.dim, shape.ffn, 1)
        self.up_proj = linear(shape.dim, shape.ffn, 1)
        self.down_proj = linear(shape.ffn, shape.dim, 1 / math.sqrt(2 * shape.layers))

    def forward(self, x):
        return self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))


class Block(nn.Module):
    def __init__(self, shape):
        super().__init__()
        self.input_layernorm = RmsNorm(shape)
        self.self_attn = Attention(shape)
        self.post_attention_layernorm = RmsNorm(shape)
        self.mlp = Mlp(shape)

    def forward(self, x, cos, sin, mask):
        x = x + self.self_attn(self.input_layernorm(x), cos, sin, mask)
        return x + self.mlp(self.post_attention_layernorm(x))


class Llama(nn.Module):
    def __init__(self, shape):
        super().__init__()
        self.shape = shape
        self.embed_tokens = nn.Embedding(shape.vocab, shape.dim)
        nn.init.normal_(self.embed_tokens.weight, std=1 / math.sqrt(shape.dim))
        self.layers = nn.ModuleList(Block(shape) for _ in range(shape.layers))
        self.norm = RmsNorm(shape)

    def forward(self, tokens, mask):
        """tokens (batch, length), mask (batch, 1, length, length) added to the scores; the last layer's output."""
        half = self.shape.dim // self.shape.heads // 2
        turns = torch.arange(tokens.shape[1])[:, None] * self.shape.theta ** (-torch.arange(half) / half)
        cos, sin = turns.cos().repeat(1, 2), turns.sin().repeat(1, 2)
        x = self.embed_tokens(tokens)
        for layer in self.layers:
            x = layer(x, cos, sin, mask)
        return self.norm(x)

    def logits(self, x):
        return F.linear(x, self.embed_tokens.weight)


def config_of(shape):
    return {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "vocab_size": shape.vocab,
            "hidden_size": shape.dim, "intermediate_size": shape.ffn, "num_hidden_layers": shape.layers,
            "num_attention_heads": shape.heads, "num_key_value_heads": shape.heads, "hidden_act": "silu",
            "max_position_embeddings": shape.context, "rms_norm_eps": shape.eps, "rope_theta": shape.theta,
            "attention_bias": False, "mlp_bias": False, "tie_word_embeddings": True, "bos_token_id": 0,
            "eos_token_id": 0, "torch_dtype": "bfloat16"}


def write_safetensors(path, tensors):
    """The format's README: the length of a JSON header, the header, the data. Names in order, so bytes are fixed."""
    header, offset, data = {}, 0, []
    for name in sorted(tensors):
        t = tensors[name].detach().to(torch.bfloat16).contiguous()
        bits = t.view(torch.int16).flatten().tolist()
        data.append(struct.pack(f"<{len(bits)}h", *bits))
        header[name] = {"dtype": "BF16", "shape": list(t.shape), "data_offsets": [offset, offset + len(data[-1])]}
        offset += len(data[-1])
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + b"".join(data))


def save(model, tokenizer, folder):
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    write_safetensors(folder / "model.safetensors", {f"model.{n}": p for n, p in model.named_parameters()})
    (folder / "config.json").write_text(json.dumps(config_of(model.shape), indent=1) + "\n")
    (folder / "tokenizer.json").write_text(tokenizer.to_json(), encoding="utf-8")
