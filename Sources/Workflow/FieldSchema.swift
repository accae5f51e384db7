import Primitives

/// The JSON Schema of a field's type.
enum FieldSchema {
  static func object(_ type: FieldType) -> JSONObject {
    switch type {
    case .text: JSONObject([("type", ["string", "number", "boolean"])])
    case .path, .reference, .axis: JSONObject([("type", "string"), ("minLength", 1)])
    case .integer(let bounds):
      orSubstitution([
        "type": "integer", "minimum": .integer(bounds.lowerBound),
        "maximum": .integer(bounds.upperBound),
      ])
    case .number(let bounds):
      orSubstitution([
        "type": "number", "minimum": .number(bounds.lowerBound),
        "maximum": .number(bounds.upperBound),
      ])
    case .boolean: orSubstitution(["type": "boolean"])
    case .percent:
      either([
        ["type": "number", "minimum": 0, "maximum": 1],
        ["type": "string", "pattern": #"^[0-9]+(\.[0-9]+)?%$|\$\{"#],
      ])
    case .duration:
      either([
        ["type": "number", "exclusiveMinimum": 0],
        ["type": "string", "pattern": #"^[0-9]+(\.[0-9]+)?[smh]$|\$\{"#],
      ])
    case .date:
      JSONObject([
        ("type", "string"), ("pattern", #"^[0-9]{4}-[0-9]{2}-[0-9]{2}$|\$\{"#),
      ])
    case .choice(let words): orSubstitution(["enum": .array(words.map { .string($0) })])
    case .list(let element):
      JSONObject([("type", "array"), ("items", .object(object(element)))])
    case .oneOrMany(let element):
      either([
        .object(object(element)), ["type": "array", "items": .object(object(element))],
      ])
    case .map(let element):
      JSONObject([("type", "object"), ("additionalProperties", .object(object(element)))])
    case .record(let fields): WorkflowSchema.object(fields, doc: nil)
    case .either(let types): either(types.map { .object(object($0)) })
    case .any: JSONObject()
    }
  }

  private static func either(_ schemas: [JSON]) -> JSONObject {
    JSONObject([("anyOf", .array(schemas))])
  }

  /// The schema, or a text with `${…}` in it.
  private static func orSubstitution(_ schema: JSON) -> JSONObject {
    either([schema, ["type": "string", "pattern": #"\$\{"#]])
  }
}
