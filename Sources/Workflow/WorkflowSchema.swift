package import Primitives

/// The JSON Schema of the language, made from the same declarations as the checker, for completion
/// and hover in editors.
///
/// It says less than the checker: whether a name exists, and of which type it is, no schema can.
/// Where a value may be put in by `${…}`, a text is allowed beside the field's own type.
package enum WorkflowSchema {
  /// The schema (draft 2020-12).
  package static func json(_ language: Language) -> JSON {
    [
      "$schema": "https://json-schema.org/draft/2020-12/schema",
      "title": "Distill workflow",
      "type": "object",
      "additionalProperties": false,
      "required": ["nodes"],
      "properties": .object(JSONObject(sections(language))),
      "$defs": .object(JSONObject(definitions(language))),
    ]
  }

  private static func sections(_ language: Language) -> [(key: String, value: JSON)] {
    WorkflowSections.all.map { section in
      var schema = schema(of: section.name)
      schema["description"] = .string(section.doc)
      return (section.name, .object(schema))
    }
  }

  private static func schema(of section: String) -> JSONObject {
    switch section {
    case "parameters":
      map(named: variableName, of: ["type": ["string", "number", "boolean"]])
    case "models": map(named: nodeName, of: ["$ref": "#/$defs/model"])
    case "matrix":
      map(
        named: variableName,
        of: [
          "oneOf": [
            ["type": "array", "minItems": 1, "items": ["type": ["string", "number", "boolean"]]],
            ["type": "object", "minProperties": 1],
          ]
        ]
      )
    case "exclude": JSONObject([("type", "array"), ("items", ["type": "object"])])
    case "pools":
      JSONObject([
        ("type", "object"), ("additionalProperties", ["type": "integer", "minimum": 1]),
      ])
    case "nodes": map(named: nodeName, of: ["$ref": "#/$defs/node"])
    case "budget":
      JSONObject([("type", "string"), ("pattern", #"^[0-9]+(\.[0-9]+)? +USD$|\$\{"#)])
    case "in_doubt":
      FieldSchema.object(.choice(InDoubtChoice.words))
    default: JSONObject([("type", "string")])
    }
  }

  private static let nodeName = "^[a-z][a-z0-9-]*$"
  private static let variableName = "^[a-z][a-z0-9_-]*$"

  private static func map(named pattern: String, of value: JSON) -> JSONObject {
    JSONObject([
      ("type", "object"), ("propertyNames", ["pattern": .string(pattern)]),
      ("additionalProperties", value),
    ])
  }

  private static func definitions(_ language: Language) -> [(key: String, value: JSON)] {
    let kinds = language.kinds.map { kind in
      (key: "kind-\(kind.name)", value: JSON.object(schema(of: kind)))
    }
    let model = object(ModelFields.all, doc: ModelFields.doc)
    return [
      (key: "node", value: .object(nodeSchema(language))), (key: "model", value: .object(model)),
    ] + kinds
  }

  /// A node, told by its `kind`: conditions and not `oneOf`, so that an editor's message is about
  /// the fields of that kind.
  private static func nodeSchema(_ language: Language) -> JSONObject {
    let conditions = language.kinds.map { kind -> JSON in
      [
        "if": ["properties": ["kind": ["const": .string(kind.name)]], "required": ["kind"]],
        "then": ["$ref": .string("#/$defs/kind-\(kind.name)")],
      ]
    }
    return JSONObject([
      ("type", "object"), ("required", ["kind"]),
      ("properties", ["kind": ["enum": .array(language.kindNames.map { .string($0) })]]),
      ("allOf", .array(conditions)),
    ])
  }

  private static func schema(of kind: any NodeKind.Type) -> JSONObject {
    // With `with:` required fields may come from the matrix, so no schema can ask for them.
    var schema = object(kind.fields, doc: kind.doc, requires: false)
    var properties = schema["properties"]?.object ?? JSONObject()
    for common in WorkflowSections.commonFields {
      var field = common.name == "kind" ? JSONObject() : FieldSchema.object(common.type)
      if common.name == "kind" { field["const"] = .string(kind.name) }
      field["description"] = .string(common.doc)
      properties[common.name] = .object(field)
    }
    schema["properties"] = .object(properties)
    return schema
  }

  static func object(_ fields: [Field], doc: String?, requires: Bool = true) -> JSONObject {
    let properties = fields.map { field -> (key: String, value: JSON) in
      var schema = FieldSchema.object(field.type)
      schema["description"] = .string(field.doc)
      if let defaultValue = field.defaultValue { schema["default"] = defaultValue }
      return (field.name, .object(schema))
    }
    var schema = JSONObject([("type", "object")])
    if let doc { schema["description"] = .string(doc) }
    schema["additionalProperties"] = false
    let required = fields.filter(\.isRequired).map { JSON.string($0.name) }
    if requires, !required.isEmpty { schema["required"] = .array(required) }
    schema["properties"] = .object(JSONObject(properties))
    return schema
  }
}
