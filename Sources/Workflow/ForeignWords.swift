import Diagnostics

/// Words of other tools, with ours: known to the hints, never accepted.
enum ForeignWords {
  /// Field names of lm-evaluation-harness, OpenAI's and Hugging Face's trainers, DVC, promptfoo and
  /// the like, each with the fields of ours that may be meant, the likelier first.
  private static let fields: [String: [String]] = [
    "num_fewshot": ["examples"], "n_shots": ["examples"], "few_shot": ["examples"],
    "fewshot": ["examples"], "shots": ["examples", "rows"],
    "n_epochs": ["epochs"], "num_epochs": ["epochs"], "num_train_epochs": ["epochs"],
    "epoch": ["epochs"], "max_epochs": ["epochs"],
    "lr": ["learning_rate"], "rate": ["learning_rate"], "step_size": ["learning_rate"],
    "batch_size": ["batch_size_multiplier"],
    "per_device_train_batch_size": ["batch_size_multiplier"],
    "held-out": ["validation", "data"], "held_out": ["validation", "data"],
    "eval_data": ["validation", "data"], "validation_data": ["validation"],
    "dev": ["validation", "data"],
    "deps": ["inputs", "data"], "dependencies": ["inputs"], "depends_on": ["inputs"],
    "needs": ["inputs"], "outs": ["outputs"], "output": ["outputs", "save"],
    "artifacts": ["outputs"], "cmd": ["run", "shell"], "command": ["run", "shell"],
    "script": ["shell", "run"], "exec": ["run"], "args": ["run"], "environment": ["env"],
    "vars": ["env"], "resources": ["pool"], "max_retries": ["retries"], "retry": ["retries"],
    "input": ["data", "completions", "inputs", "of"], "dataset": ["data"], "rows_from": ["data"],
    "source": ["data", "path"], "questions": ["data"], "records": ["data"],
    "train_data": ["data"], "training_data": ["data"], "training_file": ["data"],
    "training": ["data"], "train": ["data"], "training_set": ["data"],
    "prompt": ["template"], "prompts": ["template"], "prompt_template": ["template"],
    "style": ["template", "use"], "template": ["use"], "name": ["use", "title"],
    "predictions": ["completions", "of"], "answers": ["completions", "of"],
    "generations": ["completions", "of"], "outputs_of": ["completions", "of"],
    "responses": ["completions", "of"], "teacher": ["model"], "student": ["model"],
    "provider": ["model"], "engine": ["model"], "base_model": ["model"], "llm": ["model"],
    "params": ["decoding", "grid"], "parameters": ["decoding", "grid"],
    "sampling": ["decoding"], "sampling_params": ["decoding"], "gen_kwargs": ["decoding"],
    "generation_kwargs": ["decoding"], "temperature": ["decoding", "grid"],
    "top_p": ["decoding", "grid"], "top_k": ["decoding", "grid"],
    "max_tokens": ["decoding", "grid"], "temp": ["temperature"],
    "max_new_tokens": ["max_tokens", "decoding"], "max_length": ["max_tokens", "decoding"],
    "stop_sequences": ["stop"], "num_samples": ["samples"], "n": ["samples", "rows"],
    "num_return_sequences": ["samples"], "repeat": ["samples"], "repeats": ["samples"],
    "search": ["grid"], "search_space": ["grid"], "sweep": ["grid"],
    "file": ["path"], "filename": ["path"], "file_name": ["path"], "data_files": ["path"],
    "uri": ["path"], "location": ["path"], "reader": ["format"], "loader": ["format"],
    "type": ["format", "kind"], "columns": ["fields"], "mapping": ["fields"],
    "rename": ["fields"], "max_rows": ["limit"], "max_samples": ["limit"], "n_rows": ["limit"],
    "head": ["limit"], "take": ["limit"], "num_examples": ["limit", "rows"], "size": ["limit"],
    "count": ["limit", "rows"], "offset": ["skip"], "start": ["skip"], "drop": ["skip"],
    "random_state": ["seed", "shuffle"], "shuffle_seed": ["shuffle"],
    "metric": ["metrics", "value"], "score": ["metrics", "value"], "scorer": ["metrics"],
    "answer": ["as"], "extract": ["as"], "filter": ["as"], "regex": ["as"], "parser": ["as"],
    "on_invalid": ["invalid"], "threshold": ["fail_above"], "max_invalid": ["fail_above"],
    "majority": ["vote"], "self_consistency": ["vote"], "scores": ["columns", "of"],
    "results": ["columns"], "cells": ["value"], "average": ["over"], "mean_over": ["over"],
    "star": ["mark"], "caption": ["title"], "heading": ["title"], "out": ["save"],
    "save_to": ["save"], "output_path": ["save"],
    "url": ["base_url"], "endpoint": ["base_url"], "api_base": ["base_url"], "host": ["base_url"],
    "model_name": ["model"], "model_id": ["model"], "deployment": ["model"],
    "version": ["revision"], "snapshot": ["revision"], "key": ["api_key"], "token": ["api_key"],
    "secret": ["api_key"], "rate_limit": ["limits"], "rate_limits": ["limits"],
    "max_concurrency": ["limits", "concurrency"], "concurrency": ["limits"],
    "requests_per_minute": ["limits"], "tokens_per_minute": ["limits"],
    "rpm": ["requests_per_minute", "limits"], "tpm": ["tokens_per_minute", "limits"],
    "parallel": ["concurrency"], "cost": ["price"], "pricing": ["price"], "prices": ["price"],
    "prompt_tokens": ["input"], "completion_tokens": ["output"],
    "environment_variable": ["env"], "variable": ["env"],
    "input_cost_per_token": ["input"], "output_cost_per_token": ["output"],
    "input_per_million": ["input"], "output_per_million": ["output"],
    "fine_tuning": ["training"], "batch_discount": ["batch"], "discount": ["batch"],
    "date": ["as_of"], "updated": ["as_of"], "http_version": ["http"], "http2": ["http"],
    "dialect": ["provider"], "api_type": ["provider"], "apiversion": ["api_version"],
    "deployment_name": ["name"], "resource": ["account"], "subscription_id": ["subscription"],
    "rg": ["resource_group"], "resourcegroup": ["resource_group"],
    "hourly_price": ["hourly"], "per_hour": ["hourly"], "access_token": ["token"],
    "bearer": ["token"],
  ]

  private static let kinds: [String: String] = [
    "train": "fine-tune", "training": "fine-tune", "finetune": "fine-tune", "sft": "fine-tune",
    "distill": "fine-tune", "fit": "fine-tune", "eval": "evaluate", "test": "evaluate",
    "score": "evaluate", "benchmark": "evaluate", "infer": "generate", "inference": "generate",
    "predict": "generate", "sample": "generate", "complete": "generate", "call": "generate",
    "llm": "generate", "prompt": "select-template", "template": "select-template",
    "data": "dataset", "load": "dataset", "file": "dataset", "split": "dataset",
    "shell": "command", "run": "command", "script": "command", "exec": "command",
    "bash": "command", "python": "command", "extract": "parse", "read": "parse",
    "relabel": "substitute-labels", "labels": "substitute-labels", "label": "substitute-labels",
    "report": "table", "summary": "table", "search": "tune", "sweep": "tune", "grid": "tune",
    "optimize": "tune", "import": "import-completions", "grade": "judge",
  ]

  private static let sections: [String: String] = [
    "steps": "nodes", "stages": "nodes", "jobs": "nodes", "tasks": "nodes", "pipeline": "nodes",
    "node": "nodes", "graph": "nodes", "rules": "nodes", "tests": "nodes",
    "params": "parameters", "vars": "parameters", "variables": "parameters",
    "inputs": "parameters", "config": "parameters", "env": "parameters", "strategy": "matrix",
    "sweep": "matrix", "grid": "matrix", "axes": "matrix", "name": "workflow",
    "title": "workflow", "experiment": "workflow", "providers": "models", "model": "models",
    "endpoints": "models", "max_cost": "budget", "limit": "budget",
    "max_budget": "budget", "cost_limit": "budget", "spend_limit": "budget",
    "on_doubt": "in_doubt", "indoubt": "in_doubt", "resend": "in_doubt", "resources": "pools",
    "doc": "description", "summary": "description",
  ]

  /// For a field's name that another tool uses: `use 'epochs' instead`.
  static func hint(for word: String, among names: [String]) -> String? {
    fields[word.lowercased()]?.first { names.contains($0) }.map { "use '\($0)' instead" }
  }

  static func kind(for word: String) -> String? { kinds[word.lowercased()] }

  static func section(for word: String) -> String? { sections[word.lowercased()] }
}
