"""Writes a model of random weights that no cache holds: 109 million parameters, 440 MB.

    moderate_model.py TOKENIZER_FOLDER FOLDER

The tokenizer is that of a shipped model; the vocabulary is widened to 32,000 tokens, as published
models of this size have it. What the model says means nothing; how fast it says it is what counts.
"""

import json
import shutil
import sys

import numpy as np
from safetensors.numpy import save_file

given, folder = sys.argv[1:3]
HIDDEN, INNER, LAYERS, HEADS, VOCABULARY = 768, 2048, 12, 12, 32_000
random = np.random.default_rng(1)


def matrix(outputs, inputs):
    values = random.standard_normal((outputs, inputs), dtype=np.float32)
    return values * np.float32(1 / inputs**0.5)


def main():
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(f"{given}/{name}", folder)
    with open(f"{given}/config.json") as file:
        config = json.load(file)
    known = config["vocab_size"]
    config |= {
        "hidden_size": HIDDEN, "intermediate_size": INNER, "num_hidden_layers": LAYERS,
        "num_attention_heads": HEADS, "num_key_value_heads": HEADS, "head_dim": HIDDEN // HEADS,
        "vocab_size": VOCABULARY,
    }
    with open(f"{folder}/config.json", "w") as file:
        json.dump(config, file, indent=2)
    tensors = {"model.embed_tokens.weight": matrix(VOCABULARY, HIDDEN)}
    # Tokens that the tokenizer does not have must not be the most probable: llama.cpp would say them.
    tensors["model.embed_tokens.weight"][known:] /= 8
    for layer in range(LAYERS):
        prefix = f"model.layers.{layer}"
        for name in "qkvo":
            tensors[f"{prefix}.self_attn.{name}_proj.weight"] = matrix(HIDDEN, HIDDEN)
        for name in ("gate", "up"):
            tensors[f"{prefix}.mlp.{name}_proj.weight"] = matrix(INNER, HIDDEN)
        tensors[f"{prefix}.mlp.down_proj.weight"] = matrix(HIDDEN, INNER)
        for name in ("input_layernorm", "post_attention_layernorm"):
            tensors[f"{prefix}.{name}.weight"] = np.ones(HIDDEN, np.float32)
    tensors["model.norm.weight"] = np.ones(HIDDEN, np.float32)
    save_file(tensors, f"{folder}/model.safetensors", {"format": "pt"})


main()
