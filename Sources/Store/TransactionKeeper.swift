import GRDB

/// What a database's writer keeps in memory from statement to statement.
///
/// Called on the writer's thread alone, so the rows that it remembers cannot change behind its back
/// within a transaction; from one transaction to the next another process may write.
protocol TransactionKeeper: Sendable {
  func begin() throws
  /// Writes what was gathered; the commit follows.
  func finish(_ db: Database) throws
  /// Frees the space that was kept for this, if there is any.
  func makeRoom()
  /// Forgets: the rows that were made are not there.
  func rollBack()
  /// Lets go of the connection before it is closed.
  func close()
}
