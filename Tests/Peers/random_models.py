"""Models of random weights, one for each option of the architecture, with tokenizers to fit.

Used by runtime.py, and by runtime-golden.py for the small files in Tests/TinyLlamaTests/Golden.
"""

import json
import os

import mlx.core as mx
from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

MODERN = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}%s| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)
CHATML = (
    "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\\n' "
    "+ message['content'] + '<|im_end|>' + '\\n'}}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"
)
# In the manner of Llama 3: a system message apart, trimmed contents, white space to be taken away.
HEADERS = """{{- bos_token }}
{%- if messages[0]['role'] == 'system' %}
    {%- set system_message = messages[0]['content'] | trim %}
    {%- set messages = messages[1:] %}
{%- else %}
    {%- set system_message = "" %}
{%- endif %}
{%- if tools is not none %}
    {{- raise_exception("no tools") }}
{%- endif %}
{{- "<|start_header_id|>system<|end_header_id|>\\n\\n" + system_message + "<|eot_id|>" }}
{%- for message in messages %}
    {{- '<|start_header_id|>' + message['role'] + '<|end_header_id|>\\n\\n' }}
    {{- message['content'] | trim + '<|eot_id|>' }}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}
{%- endif %}
"""
# In the manner of small instruct models: a system message of its own where there is none.
DEFAULTED = """{% for message in messages %}
    {% if loop.first and messages[0]['role'] != 'system' %}
<|im_start|>system
Be brief.<|im_end|>
    {% endif %}
{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' }}
{% endfor %}
{{ '<|im_start|>assistant\\n' if add_generation_prompt else '' }}"""
CHATML_SPECIALS = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
LLAMA_SPECIALS = ["<|begin_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"]

LLAMA3_ROPE = {
    "rope_type": "llama3",
    "factor": 8.0,
    "low_freq_factor": 1.0,
    "high_freq_factor": 4.0,
    "original_max_position_embeddings": 32,
}

# name: (pre-tokenizer, template, special tokens, end of turn, dtype, changes to the configuration)
OPTIONS = {
    "plain": ("qwen", CHATML, CHATML_SPECIALS, "<|im_end|>", mx.float32, {}),
    "grouped": ("llama3", HEADERS, LLAMA_SPECIALS, "<|eot_id|>", mx.float32,
                {"num_key_value_heads": 1}),
    "untied": ("qwen", CHATML, CHATML_SPECIALS, "<|im_end|>", mx.float32,
               {"tie_word_embeddings": False, "head_dim": 16}),
    "bfloat16": ("gpt2", DEFAULTED, CHATML_SPECIALS, "<|im_end|>", mx.bfloat16,
                 {"num_key_value_heads": 2}),
    "float16": ("gpt2-digits", DEFAULTED, CHATML_SPECIALS, "<|im_end|>", mx.float16,
                {"tie_word_embeddings": False}),
    "scaled-rope": ("llama3", HEADERS, LLAMA_SPECIALS, "<|eot_id|>", mx.float32,
                    {"rope_theta": 500000.0, "rope_scaling": LLAMA3_ROPE,
                     "num_key_value_heads": 2}),
}


def tokenizer(kind, texts, size, specials):
    """A byte-level tokenizer trained on texts, with the pre-tokenizer of a published family."""
    result = Tokenizer(models.BPE(ignore_merges=kind == "llama3"))
    levels = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=kind.startswith("gpt2"))
    if kind == "gpt2":
        result.pre_tokenizer = levels
    else:
        first = (
            pre_tokenizers.Digits(individual_digits=True)
            if kind == "gpt2-digits"
            else pre_tokenizers.Split(
                Regex(MODERN % ("{1,3}" if kind == "llama3" else "")), "isolated", invert=False
            )
        )
        result.pre_tokenizer = pre_tokenizers.Sequence([first, levels])
    if kind == "qwen":
        result.normalizer = normalizers.NFC()
    result.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=size,
        special_tokens=specials,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    result.train_from_iterator(texts, trainer)
    return result


def write(folder, name, texts, vocabulary=300, width=16, layers=2, heads=4, seed=1, shards=False):
    """Writes one option's folder."""
    kind, template, specials, end, dtype, changes = OPTIONS[name]
    os.makedirs(folder, exist_ok=True)
    coder = tokenizer(kind, texts, vocabulary, specials)
    coder.save(f"{folder}/tokenizer.json")
    config = {
        "architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_act": "silu",
        "attention_bias": False, "mlp_bias": False, "hidden_size": width * heads // 2,
        "intermediate_size": 3 * width, "num_hidden_layers": layers, "num_attention_heads": heads,
        "num_key_value_heads": heads, "max_position_embeddings": 1024, "rms_norm_eps": 1e-5,
        "rope_theta": 10000.0, "rope_scaling": None, "tie_word_embeddings": True,
        "vocab_size": vocabulary + 8, "eos_token_id": [coder.token_to_id(end)],
        "torch_dtype": str(dtype).split(".")[-1], **changes,
    }
    with open(f"{folder}/config.json", "w") as file:
        json.dump(config, file, indent=2)
    with open(f"{folder}/tokenizer_config.json", "w") as file:
        json.dump(
            {"chat_template": template, "eos_token": end, "bos_token": specials[0],
             "tokenizer_class": "PreTrainedTokenizerFast", "add_bos_token": True},
            file,
        )
    save(folder, weights(config, seed), dtype, shards)
    return config


def weights(config, seed):
    """Random weights, large enough that every part of the model matters to its answers."""
    hidden, inner = config["hidden_size"], config["intermediate_size"]
    size = config.get("head_dim") or hidden // config["num_attention_heads"]
    query, shared = config["num_attention_heads"] * size, config["num_key_value_heads"] * size
    shapes = {"model.embed_tokens.weight": (config["vocab_size"], hidden)}
    for layer in range(config["num_hidden_layers"]):
        prefix = f"model.layers.{layer}"
        shapes |= {
            f"{prefix}.self_attn.q_proj.weight": (query, hidden),
            f"{prefix}.self_attn.k_proj.weight": (shared, hidden),
            f"{prefix}.self_attn.v_proj.weight": (shared, hidden),
            f"{prefix}.self_attn.o_proj.weight": (hidden, query),
            f"{prefix}.mlp.gate_proj.weight": (inner, hidden),
            f"{prefix}.mlp.up_proj.weight": (inner, hidden),
            f"{prefix}.mlp.down_proj.weight": (hidden, inner),
            f"{prefix}.input_layernorm.weight": (hidden,),
            f"{prefix}.post_attention_layernorm.weight": (hidden,),
        }
    shapes["model.norm.weight"] = (hidden,)
    if not config["tie_word_embeddings"]:
        shapes["lm_head.weight"] = (config["vocab_size"], hidden)
    key = mx.random.key(seed)
    result = {}
    for name, shape in shapes.items():
        key, part = mx.random.split(key)
        values = mx.random.normal(shape, key=part)
        result[name] = 1 + 0.1 * values if len(shape) == 1 else values * (2 / shape[1] ** 0.5) / 2
    return result


def save(folder, arrays, dtype, shards):
    """One file, or two with an index."""
    arrays = {name: value.astype(dtype) for name, value in arrays.items()}
    if not shards:
        mx.save_safetensors(f"{folder}/model.safetensors", arrays, {"format": "pt"})
        return
    names = list(arrays)
    places = {}
    for number, part in enumerate([names[::2], names[1::2]], 1):
        file = f"model-0000{number}-of-00002.safetensors"
        mx.save_safetensors(f"{folder}/{file}", {name: arrays[name] for name in part})
        places |= {name: file for name in part}
    with open(f"{folder}/model.safetensors.index.json", "w") as file:
        json.dump({"metadata": {}, "weight_map": places}, file)
