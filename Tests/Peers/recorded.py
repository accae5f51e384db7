"""Every completion of the shared data's folder `model_outputs`, with choices and right answer where it has them."""

import glob
import json
import os
import re
from dataclasses import dataclass, field


@dataclass
class Completion:
    source: str
    name: str
    text: str
    label: str | None = None
    choices: list = field(default_factory=list)
    verdict: bool | None = None


def lines(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file if line.strip()]


def whole(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def rows(path):
    return lines(path) if path.endswith(".jsonl") else whole(path)


def offered(question):
    """The choices of a question that lists them as `(A) this (B) that`."""
    parts = re.split(r"\(([A-H])\) ", question.split("Answer Choices:")[-1])
    return [part.strip() for part in parts[2::2]]


def unlabelled(options):
    return [re.sub(r"^\(?[A-H]\) ?", "", option) for option in options]


def last_hash(answer):
    return answer.split("####")[-1].strip().replace(",", "")


def openai(path):
    for number, row in enumerate(lines(path)):
        gold = row["ground_truth"].split("A: ")[-1]
        for model, entry in row.items():
            if isinstance(entry, dict) and "solution" in entry:
                name = f"{number}-{model}"
                yield name, entry["solution"], gold, [], entry["is_correct"]


def kojima(path):
    with open(path, encoding="utf-8") as file:
        text = file.read()
    for number, block in enumerate(text.split("\nQ: ")[1:], 1):
        question, rest = block.split("\nA: ", 1)
        answer, rest = rest.split("\npred_before : ", 1)
        mode = re.search(r"\npred_mode : (.*)", rest)
        gold = re.search(r"\nGT : (.*)", rest)
        choices = offered(question) if "Answer Choices:" in question else []
        verdict = mode.group(1) == gold.group(1) if mode and gold else None
        yield str(number), answer, gold and gold.group(1), choices, verdict
        # What that repository itself reads: the second completion alone.
        before = rest.split("\npred_after : ")[0]
        yield f"{number}-second", before, gold and gold.group(1), choices, verdict


def plan_and_solve(path):
    for row in whole(path):
        question = row["question"]
        choices = offered(question) if "Answer Choices:" in question else []
        yield row["ID"], row["chain-of-thought"], str(row["answer"]), choices, row["ans"]


def faithful(path):
    folder = os.path.dirname(path)
    gold = {row["id"]: row for row in lines(glob.glob(f"{folder}/gold.*")[0])}
    for row in lines(path):
        if "completion" not in row:
            continue
        right = gold[row["id"]]
        choices = unlabelled(right.get("options", []))
        label = right["answer"] if choices else last_hash(right["answer"])
        yield str(row["id"]), row["completion"], label, choices, None


def palm(path):
    folder = os.path.dirname(path)
    name = os.path.basename(path)
    gold = [None] * 1000
    if name.startswith("cqa"):
        gold = lines(glob.glob(f"{folder}/cqa_test_gold*")[0])
    for number, text in enumerate(whole(path)):
        right = gold[number]
        yield str(number), text, right and right["answer"], right["choices"] if right else [], None


def gemini(path):
    for number, row in enumerate(lines(path)):
        choices = row.get("choices")
        label = row.get("answerKey") or row.get("label") or row.get("answer")
        yield str(number), row["response"], label, choices["text"] if choices else [], None


def realcritic(path):
    for row in lines(path):
        choices = row["choices"]["text"] if row.get("choices") else []
        yield str(row["idx"]), row["reasoning"], str(row["gt"]), choices, row["previous_score"][0]


def thoughtsource(path):
    for splits in whole(path).values():
        for items in splits.values():
            for row in items:
                for chain in row["generated_cot"]:
                    answer = chain["answers"][0]
                    right = chr(ord("A") + row["choices"].index(row["answer"][0]))
                    verdict = answer["correct_answer"]
                    yield row["id"], chain["cot"], right, row["choices"], verdict
                    yield f"{row['id']}-answer", answer["answer"], right, row["choices"], verdict


def leval(path):
    for number, row in enumerate(lines(path)):
        for key, text in row.items():
            if key.endswith("_pred"):
                yield str(number), text, str(row["gt"]), [], None


def base_models(path):
    for number, row in enumerate(whole(path)):
        for text in row["model_answers_text"]:
            yield str(number), text, last_hash(row["gold_answer_text"]), [], row["correct"]


def free_answers(path):
    for number, row in enumerate(whole(path)):
        for index, text in enumerate(row["knowledges"]):
            yield f"{number}-{index}", text, row["answer"], row["cands"], None


def dcot(path):
    for number, row in enumerate(whole(path)):
        for key in ("response_1", "response_2"):
            if row.get(key):
                yield f"{number}-{key}", row[key], str(row["label"]), [], None


def phrasings(path):
    for number, row in enumerate(whole(path)):
        choices = offered(row["instruction"].split("Options:")[-1].replace("\n", " "))
        yield str(number), row["output"], None, choices, None


def alpaca(path):
    for number, row in enumerate(whole(path)):
        yield str(number), row["output"], None, [], None


def fastchat(path):
    for number, row in enumerate(lines(path)):
        yield str(number), row["text"], None, [], None


def graded(path):
    for number, row in enumerate(whole(path)):
        for key, value in row.items():
            if key.endswith("_eval_output"):
                yield str(number), value["response"], None, [], None


READERS = {
    "alpaca_eval_llama3.1/*.json": alpaca,
    "dcot_llama2_phi/*.json": dcot,
    "eval_gsm8k_base_models/*.json": base_models,
    "faithful_cot/*/*_*.jsonl": faithful,
    "gemini_revthink/*.jsonl": gemini,
    "gpt-4_thoughtsource/*.json": thoughtsource,
    "gsm8k_openai_gpt3/*.jsonl": openai,
    "human_cot_many_phrasings/*.json": phrasings,
    "judge_fastchat/*.jsonl": fastchat,
    "judge_mr_gsm8k/*.json": graded,
    "kojima_text-davinci-002/*.log": kojima,
    "leval/*.jsonl": leval,
    "palm540b_distilling_step_by_step/*CoT*.json": palm,
    "plan_and_solve_text-davinci-003/*.json": plan_and_solve,
    "qasc_gpt3_free_answers/*.json": free_answers,
    "realcritic_mixed_models/*.jsonl": realcritic,
}


def completions(data):
    """All of them, in the order of their files' names."""
    folder = os.path.join(data, "model_outputs")
    for pattern, reader in READERS.items():
        for path in sorted(glob.glob(os.path.join(folder, pattern))):
            source = os.path.relpath(path, folder)
            for name, text, label, choices, verdict in reader(path):
                yield Completion(source, name, text or "", label, choices, verdict)
