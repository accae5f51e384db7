"""What the official client sees of a model server; started by openai-client.sh.

The argument is the server's ready line. Each check prints one line; the last line counts them.
"""

import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import openai
from openai import OpenAI

ready = json.loads(sys.argv[1])
client = OpenAI(base_url=ready["url"], api_key="none", max_retries=0, timeout=300)
passed = 0
failed = 0


def check(what, holds, found=""):
    """Counts and prints one check."""
    global passed, failed
    if holds:
        passed += 1
        print(f"ok      {what}")
    else:
        failed += 1
        print(f"FAILED  {what}: {found}")


def error_of(call):
    """The exception that a call ends with."""
    try:
        return ("none", call())
    except openai.APIStatusError as error:
        return error


def question(number):
    return [{"role": "user", "content": f"Tom has {number} apples and buys 2 more. How many?"}]


# Models.
models = [model.id for model in client.models.list()]
check("models are listed", {"tiny-student", "tiny-teacher"} <= set(models), models)
student = client.models.retrieve("tiny-student")
check("a model is retrieved", student.id == "tiny-student", student)
check("it names its checkpoint", student.checkpoint.startswith("sha256:"), student)
error = error_of(lambda: client.models.retrieve("gpt-4"))
check("an unknown model is NotFoundError", isinstance(error, openai.NotFoundError), error)


# Chat.
def chat(**changes):
    request = dict(
        model="tiny-student", messages=question(3), max_tokens=24, temperature=0.8, seed=7
    )
    return client.chat.completions.create(**{**request, **changes})


answer = chat()
choice = answer.choices[0]
check("an answer has a text", isinstance(choice.message.content, str), answer)
check("and a finish reason", choice.finish_reason in ("stop", "length"), answer)
check("and the model's name", answer.model == "tiny-student", answer)
usage = answer.usage
check(
    "and the tokens",
    usage.prompt_tokens > 0
    and 0 < usage.completion_tokens <= 24
    and usage.total_tokens == usage.prompt_tokens + usage.completion_tokens,
    usage,
)
check("the same request gives the same answer", chat() == answer)
check(
    "max_completion_tokens limits too",
    chat(max_tokens=openai.omit, max_completion_tokens=2).usage.completion_tokens <= 2,
)
check("a stop text is taken", chat(stop=["\n", "."]).choices[0].finish_reason is not None)
check("top_k goes by extra_body", chat(extra_body={"top_k": 5}).choices[0] is not None)
raw = client.chat.completions.with_raw_response.create(
    model="tiny-student", messages=question(3), max_tokens=24, temperature=0.8, seed=7
)
check("the raw response parses to it as well", raw.parse() == answer)

alone = [chat(messages=question(number), seed=number) for number in range(64)]
with ThreadPoolExecutor(64) as pool:
    together = list(pool.map(lambda n: chat(messages=question(n), seed=n), range(64)))
check("64 requests at once get the answers that they get alone", together == alone)

# Several answers, probabilities, streams.
several = chat(n=3)
texts = [each.message.content for each in several.choices]
check("n=3 gives three answers", [each.index for each in several.choices] == [0, 1, 2], several)
check("the first is the one that comes alone", texts[0] == answer.choices[0].message.content, texts)
check("the prompt counts once", several.usage.prompt_tokens == usage.prompt_tokens, several.usage)
scored = chat(logprobs=True, top_logprobs=4).choices[0]
content = scored.logprobs.content
check("logprobs come for each token", len(content) > 0 and content[0].logprob <= 0, scored)
check("with as many alternatives as asked", all(len(each.top_logprobs) == 4 for each in content))
check(
    "their bytes are the text",
    bytes(byte for each in content for byte in each.bytes).decode() == scored.message.content,
    scored,
)


def streamed(**changes):
    return list(chat(stream=True, **changes))


parts = streamed()
check("a stream has several parts", len(parts) > 2, parts)
joined = "".join(part.choices[0].delta.content or "" for part in parts)
check("that are the answer", joined == answer.choices[0].message.content, joined)
check("and end with its reason", parts[-1].choices[0].finish_reason == choice.finish_reason, parts)
parts = streamed(stream_options={"include_usage": True})
check("include_usage adds the tokens", parts[-1].usage == usage and not parts[-1].choices, parts[-1])
parts = streamed(n=3)
for index, text in enumerate(texts):
    joined = "".join(
        part.choices[0].delta.content or "" for part in parts if part.choices[0].index == index
    )
    check(f"choice {index} of a stream is that of the whole answer", joined == text, joined)
parts = streamed(logprobs=True)
check(
    "a stream brings probabilities too",
    sum(len(part.choices[0].logprobs.content) for part in parts if part.choices[0].logprobs)
    == len(content),
    parts,
)
opened = chat(stream=True)
next(iter(opened))
opened.close()
check("a stream that is closed early leaves the server well", chat() == answer)
with client.chat.completions.stream(
    model="tiny-student", messages=question(3), max_tokens=24, temperature=0.8, seed=7
) as helper:
    final = helper.get_final_completion()
check(
    "the client's own stream helper agrees",
    final.choices[0].message.content == answer.choices[0].message.content,
    final,
)

# Chat, refused.
for name, value in [("temperature", 3), ("n", 0), ("top_logprobs", 3), ("tools", [{}])]:
    error = error_of(lambda: chat(**{name: value}))
    named = isinstance(error, openai.BadRequestError) and error.param == name
    check(f"{name}={value} is BadRequestError that names it", named, error)
error = error_of(lambda: chat(messages=question("many " * 5000)))
check(
    "a long prompt is context_length_exceeded",
    isinstance(error, openai.BadRequestError) and error.code == "context_length_exceeded",
    error,
)

# Files.
rows = [
    {
        "messages": question(number) + [{"role": "assistant", "content": str(number + 2)}],
    }
    for number in range(1, 33)
]
content = "".join(json.dumps(row) + "\n" for row in rows).encode()
file = client.files.create(file=("train.jsonl", content), purpose="fine-tune")
check("a file is uploaded", file.bytes == len(content) and file.filename == "train.jsonl", file)
check("it is retrieved", client.files.retrieve(file.id) == file)
check("it is listed", file.id in [each.id for each in client.files.list()])
check("its content comes back", client.files.content(file.id).read() == content)
other = client.files.create(file=content, purpose="fine-tune")
check("a file is deleted", client.files.delete(other.id).deleted)
error = error_of(lambda: client.files.retrieve(other.id))
check("and then NotFoundError", isinstance(error, openai.NotFoundError), error)


# A fine-tuning job.
def wait(job):
    while job.status not in ("succeeded", "failed", "cancelled"):
        time.sleep(0.1)
        job = client.fine_tuning.jobs.retrieve(job.id)
    return job


def job_of(training_file, epochs, **more):
    hyperparameters = {"n_epochs": epochs, "batch_size": 8, "learning_rate": 3e-3}
    return client.fine_tuning.jobs.create(
        model="tiny-student",
        training_file=training_file,
        method={"type": "supervised", "supervised": {"hyperparameters": hyperparameters}},
        **more,
    )


job = job_of(
    file.id, 3, validation_file=file.id, seed=11, suffix="peer", metadata={"node": "distilled"}
)
check("a job is created", job.status in ("validating_files", "queued", "running"), job)
job = wait(job)
check("it succeeds", job.status == "succeeded", job)
check("it says how many tokens it trained", (job.trained_tokens or 0) > 0, job)
check("it keeps its metadata", job.metadata == {"node": "distilled"}, job)
check("it names a checkpoint", (job.fine_tuned_model or "").startswith("sha256:"), job)
found = client.fine_tuning.jobs.list(metadata={"node": "distilled"})
check("it is found by metadata", [each.id for each in found] == [job.id])
none = client.fine_tuning.jobs.list(metadata={"node": "other"})
check("and not by other metadata", list(none) == [])
events = list(client.fine_tuning.jobs.list_events(job.id, limit=5))
steps = [event for event in events if event.type == "metrics"]
check("its events are read over several pages", len(steps) == 12, len(steps))
check("the loss falls", steps[0].data["train_loss"] < steps[-1].data["train_loss"], steps)
checkpoints = list(client.fine_tuning.jobs.checkpoints.list(job.id))
check(
    "its checkpoint is listed",
    [each.fine_tuned_model_checkpoint for each in checkpoints] == [job.fine_tuned_model],
    checkpoints,
)
table = client.files.content(job.result_files[0]).read().decode()
check("its results file has a line a step", table.count("\n") == 13, table)
again = wait(job_of(file.id, 3, validation_file=file.id, seed=11))
check("the same job gives the same model", again.fine_tuned_model == job.fine_tuned_model, again)

tuned = chat(model=job.fine_tuned_model)
check("the tuned model answers", tuned.model == job.fine_tuned_model, tuned)
check(
    "it is another model",
    client.models.retrieve(job.fine_tuned_model).checkpoint != student.checkpoint,
)
check("it is listed", job.fine_tuned_model in [model.id for model in client.models.list()])

# Jobs, refused and cancelled.
bad = client.files.create(file=b'{"messages": []}\n', purpose="fine-tune")
job = wait(job_of(bad.id, 1))
check("a bad file fails the job, with its line", "line 1" in (job.error.message or ""), job)
error = error_of(lambda: job_of("file-none", 1))
check(
    "an unknown file is BadRequestError that names it",
    isinstance(error, openai.BadRequestError) and error.param == "training_file",
    error,
)
error = error_of(lambda: job_of(file.id, 0))
check("no epochs is BadRequestError", isinstance(error, openai.BadRequestError), error)
big = client.files.create(file=content * 100, purpose="fine-tune")
job = client.fine_tuning.jobs.cancel(job_of(big.id, 1000).id)
check("a job is cancelled", job.status == "cancelled", job)
error = error_of(lambda: client.fine_tuning.jobs.cancel(job.id))
check("but only once", isinstance(error, openai.BadRequestError), error)
check("and the next one trains", wait(job_of(file.id, 1)).status == "succeeded")

print(f"{passed} passed, {failed} failed")
sys.exit(1 if failed else 0)
