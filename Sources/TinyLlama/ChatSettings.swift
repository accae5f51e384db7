import Primitives

/// What `tokenizer_config.json` says that matters here: the chat template and the texts it knows.
struct ChatSettings: Sendable, Hashable {
  static let fileName = "tokenizer_config.json"
  /// Newer folders keep the template in a file of its own, which then counts.
  static let templateFileName = "chat_template.jinja"

  let template: String
  /// `bos_token`, `eos_token`, `pad_token` and `unk_token`, those that are set.
  let names: [String: String]

  private static let tokenNames = ["bos_token", "eos_token", "pad_token", "unk_token"]

  /// `<|im_start|>user\nHello<|im_end|>\n<|im_start|>assistant\n`: what new models are given.
  static let chatML = ChatSettings(
    template:
      "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\\n' "
      + "+ message['content'] + '<|im_end|>' + '\\n'}}{% endfor %}"
      + "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}",
    names: ["eos_token": ChatFormat.endText, "pad_token": ChatFormat.specials[0]]
  )

  init(template: String, names: [String: String]) {
    self.template = template
    self.names = names
  }

  /// Reads the file, and the template's own file where there is one.
  init(parsing bytes: [UInt8], templateFile: [UInt8]? = nil) throws(CheckpointError) {
    let json: JSON
    do { json = try JSON(parsing: bytes) } catch { throw Self.error("\(error)") }
    guard json.object != nil else {
      throw Self.error("expected a map, found \(json.kindName)")
    }
    var names: [String: String] = [:]
    for name in Self.tokenNames {
      guard let value = json[name], !value.isNull else { continue }
      // Some files write a token with its settings.
      guard let text = value.string ?? value["content"]?.string else {
        throw Self.error("'\(name)' is \(value.kindName); expected a text")
      }
      names[name] = text
    }
    self.names = names
    if let templateFile {
      guard let text = String(validating: templateFile, as: UTF8.self) else {
        throw CheckpointError(file: Self.templateFileName, "is not UTF-8")
      }
      template = text
    } else {
      template = try Self.template(in: json)
    }
  }

  /// The template, or of several that have names the one for plain chats.
  private static func template(in json: JSON) throws(CheckpointError) -> String {
    guard let value = json["chat_template"], !value.isNull else {
      throw error("'chat_template' is missing; without it messages cannot become a prompt")
    }
    if let text = value.string { return text }
    let named = value.array?.first { $0["name"] == "default" }
    guard let text = named?["template"]?.string else {
      throw error(
        "'chat_template' is \(value.kindName) without a template named 'default'; expected a text"
      )
    }
    return text
  }

  /// The content of `tokenizer_config.json`, as `init(parsing:)` reads it.
  func json(contextLength: Int) -> JSON {
    [
      "add_bos_token": false, "add_prefix_space": false, "bos_token": JSON(names["bos_token"]),
      "chat_template": .string(template), "clean_up_tokenization_spaces": false,
      "eos_token": JSON(names["eos_token"]), "model_max_length": JSON(contextLength),
      "pad_token": JSON(names["pad_token"]), "tokenizer_class": "PreTrainedTokenizerFast",
      "unk_token": JSON(names["unk_token"]),
    ]
  }

  static func error(_ message: String) -> CheckpointError {
    CheckpointError(file: fileName, message)
  }
}
