/// The tables of `index.sqlite`; docs/store.md says what each column means.
enum IndexSchema {
  static let version = 1

  static let text = """
    CREATE TABLE results (
      id INTEGER PRIMARY KEY,
      key BLOB NOT NULL,
      kind TEXT NOT NULL,
      run TEXT NOT NULL,
      made_at INTEGER NOT NULL,
      facts TEXT NOT NULL
    ) STRICT;
    CREATE INDEX results_by_key ON results (key, id);

    CREATE TABLE outputs (
      result INTEGER NOT NULL REFERENCES results (id),
      position INTEGER NOT NULL,
      part TEXT NOT NULL,
      digest BLOB NOT NULL,
      size INTEGER NOT NULL,
      PRIMARY KEY (result, position)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE instances (
      workflow TEXT NOT NULL,
      instance TEXT NOT NULL,
      key BLOB NOT NULL,
      run TEXT NOT NULL,
      PRIMARY KEY (workflow, instance)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE runs (
      id TEXT PRIMARY KEY,
      workflow TEXT NOT NULL,
      started_at INTEGER NOT NULL,
      ended_at INTEGER,
      status TEXT NOT NULL,
      commit_id TEXT,
      owner TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE files (
      device INTEGER NOT NULL,
      inode INTEGER NOT NULL,
      size INTEGER NOT NULL,
      mtime INTEGER NOT NULL,
      ctime INTEGER NOT NULL,
      checked_at INTEGER NOT NULL,
      digest BLOB NOT NULL,
      PRIMARY KEY (device, inode)
    ) STRICT, WITHOUT ROWID;
    """
}
