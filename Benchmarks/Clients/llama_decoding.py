"""Decoding and training of the embedded runtime beside llama.cpp and sgemm; all in one run.

    llama_decoding.py PROBE FOLDER ROWS.jsonl [THREADS] [REPETITIONS]

The same weights go to llama.cpp as 32-bit GGUF. Both answer the same prompts with the most probable
tokens, one prompt after the other; the time for the prompts counts. Prints one JSON object.
"""

import ctypes
import json
import subprocess
import sys
import tempfile
import time

import gguf
import llama_cpp
import numpy as np
from safetensors.numpy import load_file

probe, folder, rows = sys.argv[1:4]
threads = int(sys.argv[4]) if len(sys.argv) > 4 else 1
repetitions = int(sys.argv[5]) if len(sys.argv) > 5 else 5
COUNT, STREAMS, LIMIT = 64, 32, 64


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


def llama(path, prompts, ends):
    """Tokens that llama.cpp answers with, and the seconds of the fastest of several runs."""
    llama_cpp.llama_log_set(SILENT, ctypes.c_void_p())
    model = llama_cpp.llama_model_load_from_file(
        path.encode(), llama_cpp.llama_model_default_params()
    )
    settings = llama_cpp.llama_context_default_params()
    settings.n_ctx, settings.n_threads, settings.n_threads_batch = 512, threads, threads
    context = llama_cpp.llama_init_from_model(model, settings)
    sampler = llama_cpp.llama_sampler_init_greedy()
    memory = llama_cpp.llama_get_memory(context)
    best, answers = float("inf"), []
    for _ in range(repetitions):
        answers = []
        start = time.perf_counter()
        for prompt in prompts:
            llama_cpp.llama_memory_clear(memory, True)
            given, said = (llama_cpp.llama_token * len(prompt))(*prompt), []
            one = (llama_cpp.llama_token * 1)()
            while len(said) < LIMIT:
                batch = llama_cpp.llama_batch_get_one(given, len(given))
                assert llama_cpp.llama_decode(context, batch) == 0
                one[0] = llama_cpp.llama_sampler_sample(sampler, context, -1)
                said.append(one[0])
                if one[0] in ends:
                    break
                given = one
            answers.append(said)
        best = min(best, time.perf_counter() - start)
    return answers, best


SILENT = llama_cpp.llama_log_callback(lambda level, text, data: None)


def main():
    with open(rows) as file:
        questions = [json.loads(line) for line in file][:COUNT]
    how = '\n\nThink step by step. End with "The answer is" and the number.'
    chats = [[{"role": "user", "content": row["question"] + how}] for row in questions]
    process = subprocess.Popen(
        [probe, folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    prompts = [ask(process, do="prompt", messages=chat) for chat in chats]
    with tempfile.NamedTemporaryFile(suffix=".gguf") as file:
        config = write_gguf(file.name)
        answers, theirs = llama(file.name, prompts, {config["eos_token_id"]})
    common = dict(do="time-decoding", chats=chats, max_tokens=LIMIT, repetitions=repetitions)
    one = ask(process, **common, streams=1, threads=threads)
    many = ask(process, **common, streams=STREAMS, threads=2)
    trained = [chat + [{"role": "assistant", "content": row["answer"]}]
               for chat, row in zip(chats, questions)]
    training = ask(process, do="time-training", chats=trained, threads=2, repetitions=repetitions)
    count = sum(map(len, answers))
    rates = {
        "llama_cpp": count / theirs, "one_stream": one["tokens"] / one["seconds"],
        "32_streams_2_threads": many["tokens"] / many["seconds"],
    }
    share = training["operations_a_second"] / training["sgemm_operations_a_second"]
    print(json.dumps({
        "threads": threads, "answers": len(prompts), "tokens": [count, one["tokens"]],
        "tokens_a_second": {name: round(rate) for name, rate in rates.items()},
        "one_stream_over_llama_cpp": round(rates["one_stream"] / rates["llama_cpp"], 2),
        "32_streams_over_one": round(rates["32_streams_2_threads"] / rates["one_stream"], 2),
        "training_tokens_a_second": round(training["tokens"] / training["seconds"]),
        "training_share_of_sgemm": round(share, 3),
    }, indent=2))


main()
