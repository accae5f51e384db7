/// Chooses the records that become worked examples.
package enum ExampleChoice {
  /// Records with a label in an order that only the seed decides, one more than will be shown.
  ///
  /// So that `rows: 4` shows the examples of `rows: 2` and two more, whatever the rows are.
  /// - Throws: What `DatasetLoader.read` throws.
  package static func choose(
    from source: DatasetSource,
    rows: Int,
    seed: Int64
  ) throws -> [Record] {
    var chosen: [Record] = []
    let selection = DatasetSelection(shuffle: seed)
    do {
      try DatasetLoader.read(source, selection) { record in
        guard record.label != nil else { return }
        chosen.append(record)
        if chosen.count > rows { throw Enough() }
      }
    } catch is Enough {}
    return chosen
  }

  /// Ends the reading early.
  private struct Enough: Error {}
}
