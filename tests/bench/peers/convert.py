"""Makes what the peers read from the GGUF of a llama model: GGUFs in F32 and BF16, and a folder for transformers."""

import json
import shutil
from pathlib import Path

import gguf
import numpy as np
import torch
from safetensors.torch import save_file

# Part of a GGUF's tensor name behind "blk.N." -> the name in a folder for transformers.
BLOCK_NAMES = {
    "attn_norm": "input_layernorm",
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_norm": "post_attention_layernorm",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}
OUTER_NAMES = {
    "token_embd.weight": "model.embed_tokens.weight",
    "output_norm.weight": "model.norm.weight",
    "output.weight": "lm_head.weight",
}


def dequantised(tensor):
    """The values as float32, in the order of rows that the GGUF has."""
    shape = [int(n) for n in reversed(tensor.shape)]
    return gguf.quants.dequantize(tensor.data, tensor.tensor_type).reshape(shape).astype(np.float32)


def write_gguf(reader, path, quantisation, file_type):
    """The same file with its matrices in another type. Vectors stay float32, as llama.cpp's own converter leaves them."""
    writer = gguf.GGUFWriter(path, reader.fields["general.architecture"].contents())
    for field in reader.fields.values():
        # The writer writes the counts and the architecture by itself.
        if field.name.startswith("GGUF.") or field.name in ("general.architecture", "general.file_type"):
            continue
        if field.name == "general.quantization_version":
            continue
        element = field.types[-1] if field.types[0] == gguf.GGUFValueType.ARRAY else None
        writer.add_key_value(field.name, field.contents(), field.types[0], sub_type=element)
    writer.add_file_type(file_type)
    for tensor in reader.tensors:
        values = dequantised(tensor)
        kind = quantisation if values.ndim > 1 else gguf.GGMLQuantizationType.F32
        writer.add_tensor(tensor.name, gguf.quants.quantize(values, kind), raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def halves_from_pairs(rows, heads):
    """A GGUF keeps rotary pairs as neighbours (2i, 2i+1) in each head; transformers wants (i, i + half)."""
    outputs, inputs = rows.shape
    pairs = rows.reshape(heads, outputs // heads // 2, 2, inputs)
    return np.ascontiguousarray(pairs.swapaxes(1, 2)).reshape(outputs, inputs)


def write_folder(reader, source, folder):
    """config.json and the tokenizer come from the folder of the GGUF."""
    config = json.loads((source / "config.json").read_text())
    heads = {"attn_q": config["num_attention_heads"], "attn_k": config["num_key_value_heads"]}
    weights = {}
    for tensor in reader.tensors:
        values = dequantised(tensor)
        name = OUTER_NAMES.get(tensor.name)
        if name is None:
            _, block, part, suffix = tensor.name.split(".")
            if part in heads:
                values = halves_from_pairs(values, heads[part])
            name = f"model.layers.{block}.{BLOCK_NAMES[part]}.{suffix}"
        weights[name] = torch.from_numpy(values)
    folder.mkdir()
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    for name in ("config.json", "tokenizer.json", "tokenizer_config.json"):
        shutil.copy(source / name, folder / name)


def check_folder(folder, reference):
    """Log-probabilities of the model's reference vectors, as far as another float32 forward must agree."""
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    worst = 0.0
    compared = 0
    for case in json.loads(reference.read_text())["prompts"]:
        tokens = torch.tensor([case["token_ids"][:128]])
        with torch.inference_mode():
            scores = model(tokens).logits[0].log_softmax(-1)
        found = scores[:-1].gather(1, tokens[0, 1:, None])[:, 0].numpy()
        worst = max(worst, float(np.abs(found - np.array(case["next_token_logprob"][: len(found)])).max()))
        compared += len(found)
    if not compared or worst > 2e-3:
        raise SystemExit(f"{folder}: log-probabilities differ from {reference} by {worst} over {compared} tokens")
    print(f"conversion: {compared} reference log-probabilities, largest difference {worst:.1e}")


def convert(source: Path, work: Path):
    """Returns the paths by kind: "f32" and "bf16" for llama.cpp, "folder" for transformers. Made once."""
    (file,) = source.glob("*.gguf")
    paths = {"f32": work / "model-f32.gguf", "bf16": work / "model-bf16.gguf", "folder": work / "model-hf"}
    if (work / "converted").exists():
        return paths
    work.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(paths["folder"], ignore_errors=True)
    reader = gguf.GGUFReader(file)
    write_gguf(reader, paths["f32"], gguf.GGMLQuantizationType.F32, gguf.LlamaFileType.ALL_F32)
    write_gguf(reader, paths["bf16"], gguf.GGMLQuantizationType.BF16, gguf.LlamaFileType.MOSTLY_BF16)
    write_folder(reader, source, paths["folder"])
    reference = source / "ref_vectors.json"
    if reference.exists():
        check_folder(paths["folder"], reference)
    (work / "converted").touch()
    return paths
