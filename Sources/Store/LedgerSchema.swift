/// The tables of `ledger.sqlite`; docs/store.md says what each column means.
///
/// Rows are written once, when all is known: a row that grows where it lies makes SQLite move its
/// neighbours. So an attempt under way is a row of the small table `claims`, and becomes one of
/// `attempts` at its end. Answers lie apart, so that lists and sums read only small rows. Money is in
/// billionths of a US dollar; NULL is unknown.
enum LedgerSchema {
  static let version = 2

  /// The tables, and the random id that tells this store from others.
  static var making: String {
    "\(text)\nINSERT INTO meta (name, value) VALUES ('store', '\(Owner.newToken())');"
  }

  static let text = """
    CREATE TABLE meta (
      name TEXT PRIMARY KEY,
      value TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE models (
      id INTEGER PRIMARY KEY,
      identity TEXT NOT NULL UNIQUE
    ) STRICT;

    CREATE TABLE accounts (
      id INTEGER PRIMARY KEY,
      name TEXT NOT NULL UNIQUE,
      settled_nanos INTEGER NOT NULL,
      reserved_nanos INTEGER NOT NULL,
      unpriced INTEGER NOT NULL
    ) STRICT;

    CREATE TABLE payers (
      id INTEGER PRIMARY KEY,
      run TEXT,
      account TEXT
    ) STRICT;

    CREATE TABLE calls (
      id INTEGER PRIMARY KEY,
      key BLOB NOT NULL UNIQUE,
      model INTEGER NOT NULL REFERENCES models (id),
      request_object BLOB,
      request BLOB
    ) STRICT;

    CREATE TABLE claims (
      call INTEGER PRIMARY KEY REFERENCES calls (id),
      number INTEGER NOT NULL,
      model INTEGER NOT NULL REFERENCES models (id),
      payer INTEGER REFERENCES payers (id),
      started_at INTEGER NOT NULL,
      reserved_nanos INTEGER,
      owner TEXT,
      job INTEGER REFERENCES jobs (id),
      detail TEXT
    ) STRICT;

    CREATE TABLE attempts (
      id INTEGER PRIMARY KEY,
      model INTEGER NOT NULL REFERENCES models (id),
      payer INTEGER REFERENCES payers (id),
      started_at INTEGER NOT NULL,
      ended_at INTEGER NOT NULL,
      outcome TEXT NOT NULL,
      served_model TEXT,
      prompt_tokens INTEGER,
      completion_tokens INTEGER,
      reserved_nanos INTEGER,
      cost_nanos INTEGER,
      detail TEXT
    ) STRICT;

    CREATE TABLE answers (
      id INTEGER PRIMARY KEY REFERENCES attempts (id),
      seal BLOB NOT NULL,
      object BLOB,
      body BLOB
    ) STRICT;

    CREATE TABLE jobs (
      id INTEGER PRIMARY KEY,
      key BLOB NOT NULL,
      kind TEXT NOT NULL,
      model TEXT NOT NULL,
      tag TEXT NOT NULL UNIQUE,
      remote_id TEXT,
      state TEXT NOT NULL,
      payer INTEGER REFERENCES payers (id),
      owner TEXT,
      created_at INTEGER NOT NULL,
      updated_at INTEGER NOT NULL,
      reserved_nanos INTEGER,
      cost_nanos INTEGER,
      detail TEXT NOT NULL
    ) STRICT;
    CREATE INDEX jobs_by_key ON jobs (key, id);
    """
}
