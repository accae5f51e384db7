import Primitives
import Tasks
import TestSupport
import Testing

/// Every layout in which a set is published, as a small file of ours: what records it gives.
@Suite struct PublishedReaderTests {
  struct Case: CustomTestStringConvertible, Sendable {
    let format: String
    let file: String
    let ids: [String]
    let labels: [String?]
    /// The first record, in canonical form.
    let first: String
    var testDescription: String { "\(format): \(file)" }
  }

  @Test(arguments: mathematics + choices + inference + summaries + conversations)
  func givesTheRecordsOfTheTask(_ published: Case) throws {
    let records = try records(fixture(published.file), published.format)
    #expect(records.map(\.id) == published.ids)
    #expect(records.map(\.label) == published.labels)
    #expect(line(records.first) == published.first)
  }

  /// Rows behind a shuffle are read again where they lie, headers and byte order marks in front.
  @Test(arguments: mathematics + choices + inference + summaries + conversations)
  func aShuffleGivesTheSameRecords(_ published: Case) throws {
    let path = fixture(published.file)
    let plain = try records(path, published.format)
    let shuffled = try records(path, published.format, DatasetSelection(shuffle: 5))
    #expect(shuffled.map(line).sorted() == plain.map(line).sorted())
  }

  private static let mathematics = [
    Case(
      format: "svamp",
      file: "svamp.json",
      ids: ["ours-1", "ours-2"],
      labels: ["5", "12.5"],
      first: #"{"equation":"( 7.0 - 2.0 )","id":"ours-1","label":"5","question":"Mia has 7 red "#
        + #"beads. She loses 2 of them How many beads are left?","type":"Subtraction"}"#
    ),
    Case(
      format: "svamp",
      file: "svamp-test.json",
      ids: ["ours-test-0"],
      labels: ["5"],
      first: #"{"id":"ours-test-0","label":"5","question":"Mia has 7 red beads. She loses 2 of "#
        + #"them How many beads are left?"}"#
    ),
    Case(
      format: "svamp",
      file: "svamp-hub.jsonl",
      ids: ["ours-1"],
      labels: ["5"],
      first: #"{"equation":"( 7.0 - 2.0 )","id":"ours-1","label":"5","question":"Mia has 7 red "#
        + #"beads. She loses 2 of them How many beads are left?","type":"Subtraction"}"#
    ),
    Case(
      format: "multiarith",
      file: "multiarith-hub.jsonl",
      ids: ["1"],
      labels: ["5"],
      first: #"{"id":"1","label":"5","question":"Ann has 2 pens and buys 3. How many does she "#
        + #"have?"}"#
    ),
  ]

  private static let choices = [
    Case(
      format: "aqua-rat",
      file: "aqua-rat.json",
      ids: ["1", "2"],
      labels: ["C", "A"],
      first: #"{"choices":["4","5 pieces","6","√36","None of these"],"id":"1","label":"C","#
        + #""question":"A ribbon of 9 m is cut into pieces of 1.5 m. How many pieces are there?","#
        + #""rationale":"9 / 1.5 = 6.\nAnswer : C"}"#
    ),
    Case(
      format: "arc",
      file: "arc.jsonl",
      ids: ["ours_1", "ours_2", "ours_3", "ours_4"],
      labels: ["B", "A", "C", "D"],
      first: #"{"choices":["iron","water","chalk","salt"],"id":"ours_1","label":"B","#
        + #""question":"Which of these is a liquid at room temperature?"}"#
    ),
    Case(
      format: "arc",
      file: "arc-spread.json",
      ids: ["ours_5"],
      labels: ["B"],
      first: #"{"choices":["sand","carbon dioxide","gold"],"id":"ours_5","label":"B","#
        + #""question":"What do plants take in?"}"#
    ),
    Case(
      format: "arc",
      file: "arc-hub.jsonl",
      ids: ["ours_6"],
      labels: ["A"],
      first: #"{"choices":["ice","steel","glass","stone"],"id":"ours_6","label":"A","#
        + #""question":"What melts first?"}"#
    ),
    Case(
      format: "commonsense-qa",
      file: "commonsense-qa.jsonl",
      ids: ["c0ffee01", "c0ffee02"],
      labels: ["B", "C"],
      first: #"{"choices":["oven","fridge","shelf","attic","fridge"],"concept":"milk","#
        + #""id":"c0ffee01","label":"B","question":"Where does one keep milk cold?"}"#
    ),
    Case(
      format: "commonsense-qa",
      file: "commonsense-qa-test.jsonl",
      ids: ["c0ffee03"],
      labels: [nil],
      first: #"{"choices":["water","tree","sky","desk","car"],"concept":"fish","id":"c0ffee03","#
        + #""question":"Where do fish live?"}"#
    ),
    Case(
      format: "riddlesense",
      file: "riddlesense.jsonl",
      ids: ["r1"],
      labels: ["A"],
      first: #"{"choices":["clock","dog","tree","river","king"],"concept":"clock","id":"r1","#
        + #""label":"A","question":"I have hands but cannot clap. What am I?"}"#
    ),
    Case(
      format: "qasc",
      file: "qasc.jsonl",
      ids: ["3ABC"],
      labels: ["A"],
      first: #"{"choices":["honey","milk","steel","paper","silk","salt","oil","glue"],"#
        + #""facts":["Bees gather nectar.","Nectar is made into honey."],"id":"3ABC","#
        + #""label":"A","question":"What do bees make?"}"#
    ),
    Case(
      format: "qasc",
      file: "qasc-texts.json",
      ids: ["1"],
      labels: ["B"],
      first: #"{"choices":["milk","honey","steel","paper","silk","salt","oil","glue"],"#
        + #""facts":["Bees gather nectar.","Nectar is made into honey."],"id":"1","#
        + #""label":"B","question":"What do bees make?"}"#
    ),
  ]

  private static let inference = [
    Case(
      format: "anli",
      file: "anli-numbers.jsonl",
      ids: ["u-1", "u-2", "u-3", "u-4"],
      labels: ["entailment", "neutral", "contradiction", nil],
      first: #"{"hypothesis":"The bakery is in Sweden.","id":"u-1","label":"entailment","#
        + #""premise":"The bakery opened in 1931 in Lund.","reason":"Lund lies in Sweden."}"#
    ),
    Case(
      format: "anli",
      file: "anli-words.jsonl",
      ids: ["1", "2"],
      labels: ["entailment", "neutral"],
      first: #"{"hypothesis":"An animal rests.","id":"1","label":"entailment","premise":"A dog "#
        + #"sleeps."}"#
    ),
    Case(
      format: "anli",
      file: "anli-letters.jsonl",
      ids: ["u-9"],
      labels: ["contradiction"],
      first: #"{"hypothesis":"The dog runs.","id":"u-9","label":"contradiction","premise":"A dog "#
        + #"sleeps.","reason":"It cannot do both."}"#
    ),
    Case(
      format: "conjnli",
      file: "conjnli.tsv",
      ids: ["1", "2", "3"],
      labels: ["entailment", "neutral", "contradiction"],
      first: #"{"hypothesis":"The film \"Two Rivers\" ran in May.","id":"1","label":"entailment","#
        + #""premise":"The film \"Two Rivers\", a drama, ran in May and June."}"#
    ),
    Case(
      format: "conjnli",
      file: "conjnli-test.tsv",
      ids: ["1"],
      labels: [nil],
      first: #"{"hypothesis":"She sings.","id":"1","premise":"She sings but does not dance."}"#
    ),
    Case(
      format: "control",
      file: "control.jsonl",
      ids: ["1", "2", "3", "4"],
      labels: ["entailment", "neutral", "contradiction", "entailment"],
      first: #"{"hypothesis":"Kim found it shut.","id":"1","label":"entailment","premise":"the "#
        + #"shop shuts at six. It was nine when Kim came."}"#
    ),
    Case(
      format: "help",
      file: "help.tsv",
      ids: ["1", "2"],
      labels: ["entailment", "neutral"],
      first: #"{"hypothesis":"Tim ate an egg","id":"1","label":"entailment","premise":"Tim ate an "#
        + #"egg and a bun ."}"#
    ),
    Case(
      format: "help",
      file: "help-chat.jsonl",
      ids: ["1", "2"],
      labels: ["entailment", "neutral"],
      first: #"{"hypothesis":"Tim ate a bun .","id":"1","label":"entailment","premise":"Tim ate "#
        + #"an egg and a bun ."}"#
    ),
  ]

  private static let summaries = [
    Case(
      format: "gov-report",
      file: "gov-report.jsonl",
      ids: ["1"],
      labels: ["The agency spent less."],
      first: #"{"document":"The agency spent 4 million in 2011 and 3 million in 2012.\nIt plans "#
        + #"to spend less.","id":"1","label":"The agency spent less."}"#
    ),
    Case(
      format: "gov-report",
      file: "gov-report-hub.jsonl",
      ids: ["1", "2"],
      labels: ["It spent 4 million.", nil],
      first: #"{"document":"The agency spent 4 million.","id":"1","label":"It spent 4 million."}"#
    ),
    Case(
      format: "bbc-news",
      file: "bbc-news.csv",
      ids: ["1", "2"],
      labels: ["more tea.", "she won."],
      first: #"{"category":"business","document":"kiosk sells more\n\na kiosk said \"more tea\", "#
        + #"and meant it.","id":"1","label":"more tea."}"#
    ),
    Case(
      format: "chain-of-density",
      file: "chain-of-density.json",
      ids: ["1", "2"],
      labels: ["Kiosk sold more tea .\nIt was May .", "Runner won ."],
      first: #"{"document":"A kiosk in Ulm sold more tea in May.","id":"1","label":"Kiosk sold "#
        + #"more tea .\nIt was May .","summaries":["A kiosk sold tea.","A kiosk in Ulm sold tea "#
        + #"in May."]}"#
    ),
    Case(
      format: "chain-of-density",
      file: "chain-of-density-hub.jsonl",
      ids: ["x1"],
      labels: ["Runner won ."],
      first: #"{"document":"A runner won.","id":"x1","label":"Runner won .","summaries":["One "#
        + #"won.","A runner won."]}"#
    ),
  ]

  private static let conversations = [
    Case(
      format: "baize",
      file: "baize.json",
      ids: ["1", "2"],
      labels: ["It adds drag. Mind [|Human|] marks in a line.", nil],
      first: #"{"answers":["The wind lifts them.\n\nA tail keeps them steady.","It adds drag. "#
        + #"Mind [|Human|] marks in a line."],"id":"1","label":"It adds drag. Mind [|Human|] "#
        + #"marks in a line.","topic":"How do kites fly?","turns":["How do kites fly?","Why a "#
        + #"tail?"]}"#
    ),
    Case(
      format: "alpaca",
      file: "alpaca.json",
      ids: ["1", "2"],
      labels: ["Lisbon", "Tea for me."],
      first: #"{"id":"1","input":"Portugal","instruction":"Name the capital.","label":"Lisbon","#
        + #""turns":["Name the capital.\n\nPortugal"]}"#
    ),
    Case(
      format: "alpaca",
      file: "alpaca-eval.json",
      ids: ["1"],
      labels: ["The Danube."],
      first: #"{"id":"1","input":"","instruction":"Name a river.","label":"The Danube.","#
        + #""turns":["Name a river."]}"#
    ),
    Case(
      format: "medquad",
      file: "medquad/1_Ours/0000001_1.xml",
      ids: ["Ours/0000001_1-1", "Ours/0000001_1-2"],
      labels: [
        "Key Points\n- Feet that aren't warm. - Toes < 20 °C.\n\nWear \"socks\" & shoes.",
        "Use a <warm> bath.",
      ],
      first: #"{"focus":"Cold feet","id":"Ours/0000001_1-1","kind":"information","label":"Key "#
        + #"Points\n- Feet that aren't warm. - Toes < 20 °C.\n\nWear \"socks\" & shoes.","#
        + #""question":"What are Cold feet ?","turns":["What are Cold feet ?"]}"#
    ),
  ]
}
