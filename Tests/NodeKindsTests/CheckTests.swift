import Testing

/// The rules of kinds that concern several fields, by the problems of small workflows.
@Suite struct CheckTests {
  @Test(
    arguments: [
      "{kind: command, run: [echo, x], outputs: {}}",
      "{kind: command, shell: 'echo > a/b.txt', outputs: {b: a/b.txt}}",
      "{kind: dataset, format: csv, path: rows.csv}",
      "{kind: dataset, data: rows, shuffle: 3, skip: 1, limit: 5}",
      "{kind: select-template, use: math/cot}",
      "{kind: select-template, file: own.yaml, examples: {data: rows, rows: 2}}",
      "{kind: evaluate, of: labels}",
      "{kind: evaluate, of: answers}",
      "{kind: evaluate, of: recorded, as: number}",
      "{kind: evaluate, model: teacher, template: math/cot, data: rows}",
      "{kind: parse, completions: recorded, as: number}",
      "{kind: generate, model: teacher, template: math/cot, data: rows, samples: 1}",
      "{kind: generate, model: teacher, template: math/cot, data: rows, samples: 4, "
        + "decoding: {temperature: 0.7}}",
      "{kind: import-completions, format: csv, path: a.csv, data: rows, prompt: question}",
    ])
  func whatIsRightHasNoProblem(_ node: String) {
    #expect(Kitchen.problems(node) == [])
  }

  @Test(
    arguments: [
      (
        "{kind: generate, model: teacher, template: math/cot, data: rows, mode: batch}",
        "'node' has 'mode: batch', but model 'teacher' is served by the tool itself, which has no "
          + "batch API (remove 'mode': the calls then go one by one)"
      ),
      (
        "{kind: evaluate, of: answers, mode: batch}",
        "'node' scores what 'of' names, so it takes no 'mode' (remove 'mode', or 'of')"
      ),
      (
        "{kind: command, outputs: {}}",
        "'node' has neither 'run' nor 'shell' (write 'run: [program, argument]', or "
          + "'shell: \"…\"' for a line of shell)"
      ),
      (
        "{kind: command, run: [a], shell: b, outputs: {}}",
        "'node' has both 'run' and 'shell'; a command is one of them (write 'run: [program, "
          + "argument]', or 'shell: \"…\"' for a line of shell)"
      ),
      (
        "{kind: command, run: [], outputs: {}}",
        "'run' is empty (the program's name comes first)"
      ),
      (
        "{kind: dataset}",
        "'node' has none of 'path', 'url', 'hugging_face' and 'data' (write 'format' and 'path' for a "
          + "file or folder, 'format', 'url' and 'sha256' for a published file, 'hugging_face' for rows "
          + "of the Hub, or 'data' for rows of another dataset)"
      ),
      (
        "{kind: dataset, format: jsonl, path: a.jsonl, data: rows}",
        "'node' has both 'path' and 'data'; a dataset comes from one of them (write 'format' and 'path' for a "
          + "file or folder, 'format', 'url' and 'sha256' for a published file, 'hugging_face' for rows "
          + "of the Hub, or 'data' for rows of another dataset)"
      ),
      (
        "{kind: dataset, path: a.jsonl}",
        "'node' has a 'path' but no 'format' (add 'format:', one of alpaca, anli, aqua-rat, arc, baize, "
          + "bbc-news, chain-of-density, commonsense-qa, conjnli, control, csv, gov-report, gsm8k, help, "
          + "json, jsonl, medquad, multiarith, qasc, riddlesense, svamp, text-folder, tsv)"
      ),
      (
        "{kind: dataset, data: rows, format: csv}",
        "'format' says how to read a file, but 'node' takes rows of another dataset (remove "
          + "'format')"
      ),
      (
        "{kind: dataset, data: rows, fields: {a: b}}",
        "'fields' says how to read a file, but 'node' takes rows of another dataset (remove "
          + "'fields')"
      ),
      (
        "{kind: select-template}",
        "'node' has neither 'use' nor 'file' (write 'use: task/style' for a library template, or "
          + "'file:' for one of your own)"
      ),
      (
        "{kind: select-template, use: math/cot, file: own.yaml}",
        "'node' has both 'use' and 'file'; a template comes from one of them (write 'use: "
          + "task/style' for a library template, or 'file:' for one of your own)"
      ),
      (
        "{kind: evaluate, model: teacher}",
        "'node' lacks 'template', 'data' (an evaluation needs model, template and data; or 'of' "
          + "for completions that exist)"
      ),
      (
        "{kind: evaluate, of: labels, data: rows}",
        "'node' scores what 'of' names, so it takes no 'data' (remove 'data', or 'of')"
      ),
      (
        "{kind: evaluate, of: recorded}",
        "the answers that 'node' scores were made with no template, so nothing says how they are "
          + "compared (add 'as:', one of choice, json, label, number, rating, regex, text, "
          + "or a reading as a harness does it)"
      ),
      (
        "{kind: parse, completions: recorded}",
        "the completions of 'node' were made with no template, so nothing says how answers are "
          + "read (add 'as:', one of choice, json, label, number, rating, regex, text, "
          + "or a reading as a harness does it)"
      ),
      (
        "{kind: import-completions, format: csv, path: a.csv, data: rows}",
        "nothing says how the answers of 'node' belong to the rows of its data (write 'id: "
          + "COLUMN', or 'prompt: COLUMN' to join by the prompt's text)"
      ),
    ])
  func whatIsWrongIsNamedWithTheWayOut(_ node: String, _ problem: String) {
    #expect(Kitchen.problems(node) == [problem])
  }

  @Test(arguments: ["/etc/x", "../x", "a/../../x", "~/x", "a//b", "''", "a/"])
  func outputsThatLeaveTheFolderAreRefused(_ file: String) {
    let problems = Kitchen.problems("{kind: command, shell: x, outputs: {out: \(file)}}")
    #expect(problems.count == 1)
    #expect(
      problems.first?.contains("is not a path inside the command's folder") == true,
      "\(problems)"
    )
  }

  @Test(
    arguments: [
      "{kind: generate, model: teacher, template: math/cot, data: rows, samples: 4}",
      "{kind: generate, model: teacher, template: math/cot, data: rows, samples: 4, "
        + "decoding: {temperature: 0, top_p: 0.9}}",
      "{kind: evaluate, model: teacher, template: math/cot, data: rows, samples: 4}",
    ])
  func severalSamplesAtTemperatureZeroAreRefused(_ node: String) {
    let problems = Kitchen.problems(node)
    #expect(problems.count == 1)
    #expect(
      problems.first?.hasPrefix("'samples: 4' at temperature 0 would draw the same answer") == true,
      "\(problems)"
    )
  }

  @Test func severalSamplesOfATrialAtTemperatureZeroAreRefused() {
    let problems = Kitchen.problems(
      "{kind: tune, model: teacher, template: math/cot, data: rows, samples: 4, "
        + "grid: {temperature: [0, 0.7]}}"
    )
    #expect(problems.count == 1)
  }

  @Test(
    arguments: [
      "{kind: parse, completions: answers, min_votes: 2}",
      "{kind: evaluate, model: teacher, template: math/cot, data: rows, as: number}",
    ])
  func settingsThatWouldDoNothingAreRefused(_ node: String) {
    let problems = Kitchen.problems(node)
    #expect(problems.count == 1)
  }
}
