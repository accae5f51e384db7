import GRDB

/// The statements that every call runs, prepared once for the writer's connection.
final class LedgerStatements {
  let insertCall: PreparedStatement
  let insertClaim: PreparedStatement
  let deleteClaim: PreparedStatement
  let insertAttempt: PreparedStatement
  let insertAnswer: PreparedStatement

  init(_ db: Database) throws {
    insertCall = try PreparedStatement(
      """
      INSERT INTO calls (key, model, request_object, request) VALUES (?, ?, ?, ?)
      ON CONFLICT (key) DO NOTHING
      """,
      db
    )
    insertClaim = try PreparedStatement(
      """
      INSERT INTO claims (call, number, model, payer, started_at, reserved_nanos, owner, job)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?)
      """,
      db
    )
    deleteClaim = try PreparedStatement("DELETE FROM claims WHERE call = ? AND number = ?", db)
    // An attempt that ended without an answer gives way to its answer.
    insertAttempt = try PreparedStatement(
      """
      INSERT OR REPLACE INTO attempts (id, model, payer, started_at, ended_at, outcome,
        served_model, prompt_tokens, completion_tokens, reserved_nanos, cost_nanos, detail)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      """,
      db
    )
    insertAnswer = try PreparedStatement(
      "INSERT OR REPLACE INTO answers (id, seal, object, body) VALUES (?, ?, ?, ?)",
      db
    )
  }
}
