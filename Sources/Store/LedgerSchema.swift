/// The tables of `ledger.sqlite`; docs/store.md says what each column means.
///
/// `answer` stands last: a row is read up to the last column asked for, so lists never touch the
/// pages that long answers overflow to. Money is in millionths of a US dollar; NULL is unknown.
enum LedgerSchema {
  static let version = 1

  static let text = """
    CREATE TABLE models (
      id INTEGER PRIMARY KEY,
      identity TEXT NOT NULL UNIQUE
    ) STRICT;

    CREATE TABLE calls (
      id INTEGER PRIMARY KEY,
      key BLOB NOT NULL UNIQUE,
      model INTEGER NOT NULL REFERENCES models (id),
      selected INTEGER,
      request_object BLOB,
      request BLOB
    ) STRICT;

    CREATE TABLE attempts (
      id INTEGER PRIMARY KEY,
      call INTEGER NOT NULL REFERENCES calls (id),
      number INTEGER NOT NULL,
      run TEXT,
      started_at INTEGER NOT NULL,
      ended_at INTEGER,
      outcome TEXT,
      served_model TEXT,
      prompt_tokens INTEGER,
      completion_tokens INTEGER,
      reserved_micros INTEGER,
      cost_micros INTEGER,
      detail TEXT,
      seal BLOB,
      answer_object BLOB,
      answer BLOB,
      UNIQUE (call, number)
    ) STRICT;

    CREATE TABLE claims (
      call INTEGER PRIMARY KEY REFERENCES calls (id),
      attempt INTEGER NOT NULL REFERENCES attempts (id),
      owner TEXT
    ) STRICT;

    CREATE TABLE jobs (
      id INTEGER PRIMARY KEY,
      key BLOB NOT NULL,
      kind TEXT NOT NULL,
      model TEXT NOT NULL,
      tag TEXT NOT NULL UNIQUE,
      remote_id TEXT,
      state TEXT NOT NULL,
      run TEXT,
      owner TEXT NOT NULL,
      created_at INTEGER NOT NULL,
      updated_at INTEGER NOT NULL,
      reserved_micros INTEGER,
      cost_micros INTEGER,
      detail TEXT NOT NULL
    ) STRICT;
    CREATE INDEX jobs_by_key ON jobs (key, id);
    """
}
