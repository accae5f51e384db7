"""Writes Tests/TinyLlamaTests/Golden: small models of random weights and what mlx-lm makes of them.

    python Tests/Peers/runtime-golden.py

It needs the packages that runtime.sh installs. One folder an option of the architecture, with the
model's files and `expected.json`: chats, their ids, the scores behind their last token, the loss over
what the assistant says, and the length of the gradient by each weight.
"""

import json
import os
import shutil

import mlx.core as mx
import mlx.nn as nn
import random_models
from mlx.utils import tree_flatten
from mlx_lm import load
from tokenizers import Tokenizer

os.environ["HF_HUB_OFFLINE"] = "1"
mx.set_default_device(mx.cpu)
golden = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../TinyLlamaTests/Golden")
texts = [
    "Ann has 3 red balls and buys 4 more.", "How many balls does Ann have? 12, 345 or 6789?",
    "user\nassistant\nsystem\n\n", "I'll say it's naïve, don't you? WE'RE  all\there…",
    "東京 até 🙂 e\u0301\r\n",
]
chats = [
    [{"role": "user", "content": "Ann has 12345 balls."}, {"role": "assistant", "content": "No!"}],
    [{"role": "system", "content": " Be short. "}, {"role": "user", "content": "How\n\nmany?"},
     {"role": "assistant", "content": "3 red ones"}, {"role": "user", "content": "So"},
     {"role": "assistant", "content": "So 東京"}],
]


def counted(coder, messages, ids):
    """Which ids the assistant says: what prompts of all its turns do not have in common."""
    marks = [False] * len(ids)
    for number, message in enumerate(messages):
        if message["role"] != "assistant":
            continue
        start = len(coder.apply_chat_template(messages[:number], add_generation_prompt=True))
        said = coder.encode(message["content"], add_special_tokens=False)
        # And the token that ends the turn.
        for place in range(start, start + len(said) + 1):
            marks[place] = True
    return marks


def main():
    shutil.rmtree(golden, ignore_errors=True)
    for name in random_models.OPTIONS:
        folder = f"{golden}/{name}"
        random_models.write(folder, name, texts, vocabulary=290, width=16, shards=name == "untied")
        model, coder = load(folder)
        model.set_dtype(mx.float32)
        raw = Tokenizer.from_file(f"{folder}/tokenizer.json")
        expected = {
            "texts": [
                {"text": text, "ids": raw.encode(text, add_special_tokens=False).ids}
                for text in texts
            ],
            "chats": [describe(model, coder, messages) for messages in chats],
        }
        with open(f"{folder}/expected.json", "w") as file:
            json.dump(expected, file, indent=1, ensure_ascii=False)


def describe(model, coder, messages):
    ids = coder.apply_chat_template(messages)
    marks = counted(coder, messages, ids)
    tokens, counts = mx.array(ids), mx.array(marks[1:]).astype(mx.float32)

    def loss(model):
        losses = nn.losses.cross_entropy(model(tokens[None, :-1])[0], tokens[1:])
        return (losses * counts).sum() / counts.sum()

    value, gradients = nn.value_and_grad(model, loss)(model)
    return {
        "messages": messages,
        "ids": ids,
        "counts": marks,
        "scores": model(tokens[None])[0, -1].tolist(),
        "loss": float(value),
        "gradients": {
            key: float(mx.sqrt((gradient * gradient).sum()))
            for key, gradient in tree_flatten(gradients)
        },
    }


main()
