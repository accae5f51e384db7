/// What the word problems are about, and their sentences.
///
/// In sentences `%` is the person, `^` another person, `#` a number, `@` the things, `&` what they
/// lie in.
package enum ArithmeticWords {
  package static let names = [
    "Ann", "Ben", "Cara", "Dan", "Emma", "Finn", "Grace", "Hugo", "Ida", "Jack", "Kate", "Leo",
  ]

  /// Countable things, in the plural.
  package static let things = [
    "apples", "books", "cards", "coins", "cookies", "eggs", "nuts", "pears", "pencils", "plums",
    "shells", "stamps",
  ]

  package static let containers = ["bags", "baskets", "boxes", "jars"]

  /// How a story begins.
  static let openings = ["% has # @.", "% starts with # @.", "% owns # @.", "At first % has # @."]

  static let groups = [
    "% has # & with # @ in each.", "% fills # & with # @ each.", "% buys # & of # @ each.",
    "% owns # & that hold # @ each.",
  ]

  /// Something comes.
  static let gains = [
    "Then % buys # more.", "% finds # more.", "A friend gives % # more.", "% gets # more.",
    "Later, % picks up # more.", "Then # more come in the mail.",
  ]

  /// Something goes.
  static let losses = [
    "Then % loses #.", "% gives # to a friend.", "% sells #.", "Then # of them get lost.",
    "% puts # away.", "Later, % gives away #.",
  ]

  static let more = [
    "% has # more than ^.", "% owns # more than ^.", "Compared with ^, % has # more.",
  ]

  static let fewer = [
    "% has # fewer than ^.", "% owns # fewer than ^.", "Compared with ^, % has # fewer.",
  ]

  static let double = [
    "% has twice as many as ^.", "% owns twice as many as ^.",
    "Compared with ^, % has twice as many.",
  ]

  static let shares = [
    "% shares them equally among # friends.", "% splits them evenly between # friends.",
    "% hands them out to # friends, the same to each.",
  ]

  /// What is asked when things have come and gone.
  static let finalQuestions = [
    "How many @ does % have now?", "How many @ are there in the end?",
    "How many @ does % have in the end?", "What is the number of @ now?",
  ]

  static let comparisonQuestions = [
    "How many @ does % have?", "How many @ does % own?", "What is the number of @ that % has?",
  ]

  static let shareQuestions = [
    "How many @ does each friend get?", "How many @ are there for each friend?",
    "What is the number of @ for each friend?",
  ]
}
