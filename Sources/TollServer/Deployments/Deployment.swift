import Primitives

/// A deployment of Azure's: a name under which a model answers.
struct Deployment: ShelfItem {
  let id: String
  let sequence: Int
  /// The path under which the management plane knows it.
  let path: String
  let sku: JSON
  let model: JSON
  var looks = 0

  init(name: String, sequence: Int, path: String, sku: JSON, model: JSON) {
    id = name
    self.sequence = sequence
    self.path = path
    self.sku = sku
    self.model = model
  }

  init?(_ json: JSON) {
    guard let id = json["id"]?.string, let sequence = json["sequence"]?.int,
      let path = json["path"]?.string, let sku = json["sku"], let model = json["model"]
    else { return nil }
    self.id = id
    self.sequence = sequence
    self.path = path
    self.sku = sku
    self.model = model
    looks = json["looks"]?.int ?? 0
  }

  var json: JSON {
    [
      "id": .string(id), "sequence": JSON(sequence), "path": .string(path), "sku": sku,
      "model": model, "looks": JSON(looks),
    ]
  }

  /// It is made while it is looked at twice.
  var isReady: Bool { looks >= 2 }

  /// Source of the shape: Azure's REST reference, Cognitive Services accounts, Deployments.
  var shown: JSON {
    [
      "id": .string(path), "name": .string(id),
      "type": "Microsoft.CognitiveServices/accounts/deployments", "sku": sku,
      "properties": [
        "model": model, "provisioningState": .string(isReady ? "Succeeded" : "Creating"),
      ],
    ]
  }
}
