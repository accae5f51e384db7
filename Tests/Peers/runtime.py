"""The embedded runtime beside mlx-lm and Hugging Face tokenizers; started by runtime.sh."""

import glob
import json
import os
import random
import subprocess
import sys

import mlx.core as mx
import mlx.nn as nn
import random_models
from mlx.utils import tree_flatten
from mlx_lm import load
from peer import check, verdict
from tokenizers import Tokenizer

probe, work, root, shared = sys.argv[1:5]
os.environ["HF_HUB_OFFLINE"] = "1"
mx.set_default_device(mx.cpu)
random.seed(1)


class Runtime:
    """The probe, asked line by line."""

    def __init__(self, folder):
        self.process = subprocess.Popen(
            [probe, folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def ask(self, **request):
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def end(self):
        self.process.stdin.close()
        self.process.wait()


def texts(folder):
    """Lines of all kinds from a folder of data, cut to moderate length."""
    lines = []
    for path in sorted(glob.glob(f"{folder}/**/*", recursive=True)):
        if os.path.isfile(path) and os.path.getsize(path) < 20_000_000:
            with open(path, encoding="utf-8", errors="replace") as file:
                found = [line[:400] for line in file if line.strip()]
            lines += random.sample(found, min(len(found), 200))
    return lines


def strange(count):
    """Strings of random characters: spaces, digits, marks, emoji, everything else."""
    pools = [
        " \t\r\n\x0b\u00a0\u2003\u3000\u0085", "0123456789½Ⅷ٣४", "'sS'tT'reRE'll'Dd\u017f",
        ".,!?-_()[]{}<>|\"'", "aZéßÅe\u0301한글漢字नमस्तेعربия", "🙂👩‍👩‍👧‍👦🇩🇪\u200d\ufe0f",
    ]
    return [
        "".join(random.choice(random.choice(pools)) for _ in range(random.randint(1, 40)))
        for _ in range(count)
    ]


def difference(ours, theirs):
    """The largest difference, in relation to the largest number of theirs."""
    return float(mx.abs(ours - theirs).max() / mx.maximum(mx.abs(theirs).max(), 1e-20))


def chats(count):
    return [
        [{"role": "user", "content": f"Tom has {n} apples, buys {n % 7} more. How many?"}]
        for n in range(count)
    ]


def compare_model(name, folder, prompts, limit):
    """Scores, loss, gradients and answers of one folder."""
    runtime = Runtime(folder)
    model, coder = load(folder)
    model.set_dtype(mx.float32)
    dialogues = [
        [{"role": "user", "content": "What is 12 + 30?"}, {"role": "assistant", "content": "42."}],
        [{"role": "system", "content": " Be kind. "}, {"role": "user", "content": "Hi\n\nthere"},
         {"role": "assistant", "content": "Hello  there!"}, {"role": "user", "content": "So?"},
         {"role": "assistant", "content": "So <|im_end|> what"}],
    ]
    worst = 0.0
    ids_equal = 0
    for messages in chats(prompts):
        ours = runtime.ask(do="prompt", messages=messages)
        theirs = coder.apply_chat_template(messages, add_generation_prompt=True)
        ids_equal += ours == list(theirs)
    check(f"{name}: {prompts} prompts have the same ids", ids_equal == prompts, ids_equal)
    for messages in chats(4) + [dialogues[1][:2]]:
        tokens = runtime.ask(do="prompt", messages=messages)
        theirs = model(mx.array([tokens]))[0]
        ours = mx.array(runtime.ask(do="scores", tokens=tokens))
        worst = max(worst, float(mx.abs(ours - theirs).max()))
    check(f"{name}: scores within 1e-4 (largest difference {worst:.1e})", worst < 1e-4)
    for number, messages in enumerate(dialogues):
        compare_training(f"{name}, chat {number + 1}", runtime, model, messages)
    equal, close = 0, 0
    for messages in chats(prompts):
        tokens = runtime.ask(do="prompt", messages=messages)
        ours = runtime.ask(do="answer", messages=messages, max_tokens=limit)
        known = coder._tokenizer.backend_tokenizer.get_vocab_size()
        said, margin = greedy(model, tokens, limit, set(coder.eos_token_ids), known)
        same = ours["text"] == plain(coder, said)
        equal += same
        close += not same and margin < 1e-4
    what = f"{name}: {equal} of {prompts} most probable answers are the same"
    check(f"{what}, {close} differ where two tokens tie within 1e-4", equal + close == prompts)
    runtime.end()


def plain(coder, tokens):
    """The text of tokens, special ones left out."""
    return coder._tokenizer.backend_tokenizer.decode(tokens, skip_special_tokens=True)


def greedy(model, prompt, limit, ends, known):
    """The most probable tokens, and how close the closest choice was.

    Rows of the embedding beyond the tokenizer's tokens are padding, and no choice.
    """
    from mlx_lm.models.cache import make_prompt_cache

    cache = make_prompt_cache(model)
    said, margin, given = [], float("inf"), prompt
    for _ in range(limit):
        row = model(mx.array([given]), cache=cache)[0, -1][:known]
        best = mx.sort(row)[-2:]
        margin = min(margin, float(best[1] - best[0]))
        token = int(mx.argmax(row))
        said.append(token)
        if token in ends:
            break
        given = [token]
    return said, margin


def compare_training(name, runtime, model, messages):
    """The mean loss over what the assistant says, and its gradient by every weight."""
    sequence = runtime.ask(do="sequence", messages=messages)
    tokens = mx.array(sequence["tokens"])
    counts = mx.array(sequence["counts"][1:]).astype(mx.float32)

    def loss(model):
        scores = model(tokens[None, :-1])[0]
        losses = nn.losses.cross_entropy(scores, tokens[1:])
        return (losses * counts).sum() / counts.sum()

    value, gradients = nn.value_and_grad(model, loss)(model)
    folder = f"{work}/gradients"
    ours = runtime.ask(do="gradients", folder=folder, **sequence)
    check(f"{name}: loss within 1e-5 ({ours:.6f})", abs(ours - float(value)) < 1e-5, float(value))
    weights = mx.load(f"{folder}/model.safetensors")
    worst = max(
        (difference(weights[key], gradient), key) for key, gradient in tree_flatten(gradients)
        if key in weights
    )
    complete = {key for key, _ in tree_flatten(gradients)} >= set(weights)
    check(f"{name}: gradients within 1e-3 (largest {worst[0]:.1e})", worst[0] < 1e-3 and complete,
          worst)


def compare_tokenizer(name, folder, strings):
    runtime, coder = Runtime(folder), Tokenizer.from_file(f"{folder}/tokenizer.json")
    bad, lost = [], []
    for string in strings:
        ours = runtime.ask(do="encode", text=string)
        theirs = coder.encode(string, add_special_tokens=False).ids
        if ours["tokens"] != theirs:
            bad.append((string, ours["tokens"], theirs))
        expected = coder.normalizer.normalize_str(string) if coder.normalizer else string
        if ours["text"] != expected:
            lost.append(string)
    check(f"{name}: {len(strings)} strings have the same ids", not bad, bad[:3])
    check(f"{name}: and come back", not lost, lost[:3])
    runtime.end()


corpus = texts(shared if os.path.isdir(shared) else f"{root}/workflows/data")
for shipped in sorted(glob.glob(f"{root}/workflows/models/*/config.json")):
    folder = os.path.dirname(shipped)
    compare_model(os.path.basename(folder), folder, 100, 48)
    compare_tokenizer(os.path.basename(folder), folder, random.sample(corpus, 500) + strange(500))
for name in random_models.OPTIONS:
    folder = f"{work}/{name}"
    random_models.write(folder, name, corpus[:3000], vocabulary=2000, width=64,
                        shards=name == "untied")
    compare_model(name, folder, 20, 24)
    sample = random.sample(corpus, min(len(corpus), 5000)) + strange(1000)
    # What looks like a special token in a text is text here, and the token itself there.
    sample = [each for each in sample if "<|" not in each]
    compare_tokenizer(name, folder, sample)
verdict()
