extension Duration {
  /// The duration in seconds, as precise as a double is.
  package var seconds: Double {
    Double(components.seconds) + Double(components.attoseconds) * 1e-18
  }
}
