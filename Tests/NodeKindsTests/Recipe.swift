import Primitives
import Tasks

/// The parts of templates whose text never changes, whatever becomes of the shipped ones.
enum Recipe {
  struct Parts {
    let prompt: JSON
    let target: JSON
    let reading: JSON
  }

  static let vanillaText = """
    task: math
    description: Asks for the number alone.
    messages:
      - role: user
        content: "{{question}}\\n\\nGive only the answer, as a number."
    answer: {as: number}
    target: "{{label}}"
    max_tokens: 16

    """
  static let cotText = """
    task: math
    description: Asks for the steps, then the number.
    messages:
      - role: user
        content: "{{question}}\\n\\nThink step by step. End with \\"The answer is\\" and the number."
    answer: {as: number}
    target: "{{label}}"
    max_tokens: 400

    """

  static var vanilla: Parts { get throws { try parts(vanillaText) } }
  static var cot: Parts { get throws { try parts(cotText) } }

  private static func parts(_ text: String) throws -> Parts {
    let template = try Template(bytes: Array(text.utf8), name: "recipe", file: "recipe.yaml")
    return Parts(
      prompt: template.prompt.json,
      target: template.target.json,
      reading: template.reading.json
    )
  }
}
