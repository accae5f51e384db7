/// What the problems are about.
enum Words {
  static let names = [
    "Ann", "Ben", "Cara", "Dan", "Emma", "Finn", "Grace", "Hugo", "Ida", "Jack", "Kate", "Leo",
    "Maria", "Noah", "Olga", "Paul", "Rosa", "Sam", "Tom", "Vera", "Will", "Zoe",
  ]

  /// Countable things, in the plural.
  static let objects = [
    "apples", "books", "cards", "coins", "cookies", "eggs", "flowers", "marbles", "nuts",
    "oranges", "pears", "pencils", "plums", "shells", "stamps", "stickers", "stones", "toys",
  ]

  static let containers = ["bags", "baskets", "boxes", "jars"]

  /// Sentences in which something comes; `%` is the person, `#` the number.
  static let gains = [
    "Then % buys # more.", "% finds # more.", "A friend gives % # more.", "% gets # more.",
    "Later, % picks up # more.", "Then # more come in the mail.",
  ]

  /// Sentences in which something goes.
  static let losses = [
    "Then % loses #.", "% gives # to a friend.", "% sells #.", "Then # of them get lost.",
    "% puts # away.", "Later, % gives away #.",
  ]

  static func fill(_ sentence: String, _ person: String, _ number: Int) -> String {
    var text = ""
    for character in sentence {
      switch character {
      case "%": text += person
      case "#": text += String(number)
      default: text.append(character)
      }
    }
    return text
  }
}
