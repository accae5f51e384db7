"""Decoding and training of the embedded runtime beside llama.cpp and sgemm; all in one run.

    llama_decoding.py PROBE FOLDER ROWS.jsonl REPETITIONS ANSWERS TOKENS

The same weights go to llama.cpp as 32-bit GGUF. Both answer the same prompts, so many, with the most
probable tokens, at most so many, one prompt after the other, on one thread and on two; then the
runtime answers 32 at once on two. Every repetition does all of that once, so that what else the
machine does falls on all alike; of each the fastest counts. A rate counts the tokens behind the
first of each answer, by the time beyond that of the prompts with their first tokens; `with prompts`
counts all. By processor time (all threads together) stands beside by the clock: the two agree where
nothing else runs. Prints one JSON object.
"""

import ctypes
import json
import os
import subprocess
import sys
import tempfile
import time

import gguf
import llama_cpp
import numpy as np
from safetensors.numpy import load_file

probe, folder, rows = sys.argv[1:4]
repetitions, count, limit = map(int, sys.argv[4:7])
STREAMS, WORKED = 32, 64
# Steps on larger models take minutes, and tell nothing new: their products are larger.
LARGEST_TRAINED = 20_000_000


def permuted(weights, heads):
    """llama.cpp turns neighbouring numbers of a head, Hugging Face those half a head apart."""
    size = weights.shape[0] // heads // 2
    return weights.reshape(heads, 2, size, -1).swapaxes(1, 2).reshape(weights.shape)


def write_gguf(path):
    config = json.load(open(f"{folder}/config.json"))
    vocabulary = json.load(open(f"{folder}/tokenizer.json"))
    tensors = load_file(f"{folder}/model.safetensors")
    heads, shared = config["num_attention_heads"], config["num_key_value_heads"]
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_context_length(config["max_position_embeddings"])
    writer.add_embedding_length(config["hidden_size"])
    writer.add_block_count(config["num_hidden_layers"])
    writer.add_feed_forward_length(config["intermediate_size"])
    writer.add_head_count(heads)
    writer.add_head_count_kv(shared)
    writer.add_rope_dimension_count(config["head_dim"])
    writer.add_rope_freq_base(config["rope_theta"])
    writer.add_layer_norm_rms_eps(config["rms_norm_eps"])
    writer.add_vocab_size(config["vocab_size"])
    tokens = [f"[unused{index}]" for index in range(config["vocab_size"])]
    for text, index in vocabulary["model"]["vocab"].items():
        tokens[index] = text
    for added in vocabulary["added_tokens"]:
        tokens[added["id"]] = added["content"]
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("qwen2")
    writer.add_token_list(tokens)
    writer.add_token_merges([each if isinstance(each, str) else " ".join(each)
                             for each in vocabulary["model"]["merges"]])
    writer.add_eos_token_id(config["eos_token_id"])
    names = {
        "self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k", "self_attn.v_proj": "attn_v",
        "self_attn.o_proj": "attn_output", "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up",
        "mlp.down_proj": "ffn_down", "input_layernorm": "attn_norm",
        "post_attention_layernorm": "ffn_norm",
    }
    writer.add_tensor("token_embd.weight", tensors["model.embed_tokens.weight"])
    writer.add_tensor("output_norm.weight", tensors["model.norm.weight"])
    for layer in range(config["num_hidden_layers"]):
        for ours, theirs in names.items():
            weights = tensors[f"model.layers.{layer}.{ours}.weight"]
            if theirs in ("attn_q", "attn_k"):
                weights = permuted(weights, heads if theirs == "attn_q" else shared)
            writer.add_tensor(f"blk.{layer}.{theirs}.weight", np.ascontiguousarray(weights))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return config


def ask(process, **request):
    process.stdin.write(json.dumps(request) + "\n")
    process.stdin.flush()
    return json.loads(process.stdout.readline())


class Llama:
    """llama.cpp on the weights in one file."""

    def __init__(self, path, ends):
        llama_cpp.llama_log_set(SILENT, ctypes.c_void_p())
        self.model = llama_cpp.llama_model_load_from_file(
            path.encode(), llama_cpp.llama_model_default_params()
        )
        settings = llama_cpp.llama_context_default_params()
        settings.n_ctx = 512
        self.context = llama_cpp.llama_init_from_model(self.model, settings)
        self.sampler = llama_cpp.llama_sampler_init_greedy()
        self.ends = ends

    def answer(self, prompt, limit):
        llama_cpp.llama_memory_clear(llama_cpp.llama_get_memory(self.context), True)
        given, said = (llama_cpp.llama_token * len(prompt))(*prompt), []
        one = (llama_cpp.llama_token * 1)()
        while len(said) < limit:
            batch = llama_cpp.llama_batch_get_one(given, len(given))
            assert llama_cpp.llama_decode(self.context, batch) == 0
            one[0] = llama_cpp.llama_sampler_sample(self.sampler, self.context, -1)
            said.append(one[0])
            if one[0] in self.ends:
                break
            given = one
        return len(said)

    def measure(self, prompts, limit, threads):
        llama_cpp.llama_set_n_threads(self.context, threads, threads)
        start = time.perf_counter(), time.process_time()
        tokens = sum(self.answer(prompt, limit) for prompt in prompts)
        return tokens, time.perf_counter() - start[0], time.process_time() - start[1]


SILENT = llama_cpp.llama_log_callback(lambda level, text, data: None)


class Fastest:
    """The fastest of the measurements of one way to decode: of first tokens, and of whole answers."""

    def __init__(self):
        self.tokens = {}
        self.seconds = {}

    def take(self, what, measured):
        self.tokens[what] = measured[0]
        best = self.seconds.get(what, (float("inf"),) * 2)
        self.seconds[what] = tuple(map(min, best, measured[1:]))

    def rate(self, kind):
        """Tokens a second behind the first ones; by the clock, or of all processors together."""
        tokens = self.tokens["whole"] - self.tokens["first"]
        return tokens / (self.seconds["whole"][kind] - self.seconds["first"][kind])

    def table(self):
        return {
            "tokens_a_second": round(self.rate(CLOCK), 1),
            "tokens_a_processor_second": round(self.rate(PROCESSOR), 1),
            "tokens_a_second_with_prompts": round(
                self.tokens["whole"] / self.seconds["whole"][CLOCK], 1
            ),
            "tokens": self.tokens["whole"],
        }


CLOCK, PROCESSOR = 0, 1


def decoding(process, chats, llama):
    """What each way to decode comes to."""
    prompts = [ask(process, do="prompt", messages=chat) for chat in chats]

    def ours(chats, limit, streams, threads):
        answer = ask(process, do="time-decoding", chats=chats, max_tokens=limit, streams=streams,
                     threads=threads)
        return answer["tokens"], answer["seconds"], answer["processor_seconds"]

    one, many = slice(count), slice(max(count, STREAMS))
    ways = {
        "llama.cpp, 1 thread": lambda limit: llama.measure(prompts[one], limit, 1),
        "one stream, 1 thread": lambda limit: ours(chats[one], limit, 1, 1),
        "llama.cpp, 2 threads": lambda limit: llama.measure(prompts[one], limit, 2),
        "one stream, 2 threads": lambda limit: ours(chats[one], limit, 1, 2),
        "32 streams, 2 threads": lambda limit: ours(chats[many], limit, STREAMS, 2),
    }
    fastest = {name: Fastest() for name in ways}
    for _ in range(repetitions):
        for name, measure in ways.items():
            fastest[name].take("first", measure(1))
            fastest[name].take("whole", measure(limit))
    return fastest


def ratios(fastest):
    def ratio(one, other, kind=CLOCK):
        return round(fastest[one].rate(kind) / fastest[other].rate(kind), 2)

    alone, many = "one stream, 1 thread", "32 streams, 2 threads"
    return {
        "one_stream_over_llama_cpp_1_thread": ratio(alone, "llama.cpp, 1 thread"),
        "the_same_by_processor_time": ratio(alone, "llama.cpp, 1 thread", PROCESSOR),
        "one_stream_over_llama_cpp_2_threads": ratio(
            "one stream, 2 threads", "llama.cpp, 2 threads"
        ),
        "32_streams_over_one_of_1_thread": ratio(many, alone),
        "the_same_by_processor_time_on_two_free_cores": round(2 * ratio(many, alone, PROCESSOR), 2),
        "32_streams_over_one_of_2_threads": ratio(many, "one stream, 2 threads"),
    }


def training(process, chats, answers):
    trained = [chat + [{"role": "assistant", "content": answer}]
               for chat, answer in zip(chats, answers)]
    step = ask(process, do="time-training", chats=trained, threads=2, repetitions=repetitions)
    return {
        "training_tokens_a_second": round(step["tokens"] / step["seconds"]),
        **{name: round(step[f"operations_{kind}"] / step[f"sgemm_operations_{kind}"], 3)
           for name, kind in (("training_share_of_sgemm", "a_second"),
                              ("the_same_by_processor_time", "a_processor_second"))},
    }


def main():
    with open(rows) as file:
        questions = [json.loads(line) for line in file][:WORKED]
    how = '\n\nThink step by step. End with "The answer is" and the number.'
    chats = [[{"role": "user", "content": row["question"] + how}] for row in questions]
    process = subprocess.Popen(
        [probe, folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with tempfile.NamedTemporaryFile(suffix=".gguf") as file:
        config = write_gguf(file.name)
        fastest = decoding(process, chats, Llama(file.name, {config["eos_token_id"]}))
    result = {"decoding": {name: each.table() for name, each in fastest.items()},
              "ratios": ratios(fastest)}
    if os.path.getsize(f"{folder}/model.safetensors") < 4 * LARGEST_TRAINED:
        result["training"] = training(process, chats, [row["answer"] for row in questions])
    print(json.dumps(result, indent=2))


main()
