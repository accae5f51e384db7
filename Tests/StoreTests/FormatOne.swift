import Foundation
import TestSupport

/// A store as the last release before format 2 left it when it was killed, row by row.
///
/// It was made by that release's own code: eight calls answered in every state (three of them were
/// told apart in the answer alone), one released, one in doubt for the second time, one answered
/// twice, one under way, and a job.
enum FormatOne {
  /// Writes the store; gives its path.
  static func make(in folder: TemporaryFolder) throws -> String {
    let path = "\(folder.path)/cache"
    for name in ["objects", "runs", "locks"] {
      let url = URL(fileURLWithPath: "\(path)/\(name)")
      try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }
    try runSQLScript("\(path)/index.sqlite", index)
    try runSQLScript("\(path)/ledger.sqlite", ledger)
    try folder.write(#"{"format": 1}"#, to: "cache/distill.json")
    return path
  }

  static let ledger = """
    PRAGMA journal_mode = WAL;
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
    INSERT INTO models VALUES (1, 'test://model');
    INSERT INTO calls VALUES (1,
      x'68c780cd132a0299c7cd3fa8649783cbc2872a98d90cd4ed6b9696e3c61c4c68', 1, 1, NULL,
      x'7b2270726f6d7074223a22616e737765726564227d');
    INSERT INTO calls VALUES (2,
      x'227b1c2e53cfd4a3dc1cc26c83b9c4fccef2130f905aef3123fdc3dc2c9e4df6', 1, 2, NULL,
      x'7b2270726f6d7074223a227472756e6361746564227d');
    INSERT INTO calls VALUES (3,
      x'83c874d33e8bff73caaa762c79cd1ed101d727c7f20fe4972c67e67978292f23', 1, 3, NULL,
      x'7b2270726f6d7074223a2272656675736564227d');
    INSERT INTO calls VALUES (4,
      x'13a30363eb940c6c473c642531153b12d80078449bee3a8648db0575fb7de52d', 1, 4, NULL,
      x'7b2270726f6d7074223a2266696c7465726564227d');
    INSERT INTO calls VALUES (5,
      x'20cd938a2ea64f612b3523bc9219130c6fc66cd09b394ea38437488c0b8898b2', 1, 5, NULL,
      x'7b2270726f6d7074223a2272656a6563746564227d');
    INSERT INTO calls VALUES (6,
      x'2e1cfa82b035c26cbbbdae632cea070514eb8b773f616aaeaf668e2f0be8f10d', 1, 6, NULL,
      x'7b2270726f6d7074223a22656d707479227d');
    INSERT INTO calls VALUES (7,
      x'15291a667f5b9d6187b623963f4f7898189f9f444ea79381ad09914d409ab02e', 1, 7, NULL,
      x'7b2270726f6d7074223a22746f6f6c2d63616c6c227d');
    INSERT INTO calls VALUES (8,
      x'35dee2cb3d3a11077dcd7e0e27b578c9b95ae29e2d760d688962287921dd23fc', 1, 8, NULL,
      x'7b2270726f6d7074223a22756e6b6e6f776e2d66696e697368227d');
    INSERT INTO calls VALUES (9,
      x'd29eae1372c396247daf62745d10c3513eb46f9f232b4527e0f5298e5dca5cd0', 1, NULL, NULL,
      x'7b2270726f6d7074223a2272656c6561736564227d');
    INSERT INTO calls VALUES (10,
      x'c154724d389e4bf89ffe805352e84bfda8f961b750dea491923f621622be2783', 1, NULL, NULL,
      x'7b2270726f6d7074223a22646f75627466756c227d');
    INSERT INTO calls VALUES (11,
      x'dc8ffdbf2736dbdf39508017ac594e0d069f3eee9b0f29ece256aa7d831f9ef6', 1, 13, NULL,
      x'7b2270726f6d7074223a227477696365227d');
    INSERT INTO calls VALUES (12,
      x'd5405925e3082bc1479a5cec3ce6e984cfc4a0caaf7216755eb8c7b2bca2d96d', 1, NULL, NULL,
      x'7b2270726f6d7074223a226b696c6c6564227d');
    INSERT INTO attempts VALUES (1, 1, 1, 'run-1', 1795244302565, 1795244302565, 'answered',
      'served-1', 7, 9, NULL, 12, NULL,
      x'769c6cf616ae8a3926b35462cbf9b95f296c08fc1b19f10de62bbfcdadc12cd5', NULL,
      x'7b227374617465223a22616e737765726564222c2274657874223a22227d');
    INSERT INTO attempts VALUES (2, 2, 1, 'run-1', 1795244302566, 1795244302566, 'truncated',
      'served-1', 7, 9, NULL, NULL, '{"state":"truncated"}',
      x'025f35a464274f3bfdcae6ed42abeb01ae9e3424fbebc5c0dda1a41b21411868', NULL,
      x'7b227374617465223a227472756e6361746564222c2274657874223a22227d');
    INSERT INTO attempts VALUES (3, 3, 1, 'run-1', 1795244302566, 1795244302567, 'refused',
      'served-1', 7, 9, NULL, NULL, '{"state":"refused"}',
      x'ca98d6ecc237fd8e172f427e3aad064f98a756e9c06c8c9f4107bbf8af7eef09', NULL,
      x'7b227374617465223a2272656675736564222c2274657874223a22227d');
    INSERT INTO attempts VALUES (4, 4, 1, 'run-1', 1795244302567, 1795244302568, 'filtered',
      'served-1', 7, 9, NULL, NULL, '{"state":"filtered"}',
      x'21c6ca244a2132a72a74ec0a4e0c454ceef87160fcb322bc96105ccc4fcf319d', NULL,
      x'7b227374617465223a2266696c7465726564222c2274657874223a22227d');
    INSERT INTO attempts VALUES (5, 5, 1, 'run-1', 1795244302569, 1795244302569, 'rejected',
      'served-1', 7, 9, NULL, NULL, '{"state":"rejected"}',
      x'2956b8ea515a5e0d2a2966ce3f32e97a21c5b28d12400d1a4945d55240be2aac', NULL,
      x'7b227374617465223a2272656a6563746564222c2274657874223a22227d');
    INSERT INTO attempts VALUES (6, 6, 1, 'run-1', 1795244302569, 1795244302569, 'refused',
      'served-1', 7, 9, NULL, NULL, '{"state":"empty"}',
      x'5dd5d90dd8c1def19de31deb998e1930e6dff8d416c3593a87b76aaebec7a083', NULL,
      x'7b227374617465223a22656d707479222c2274657874223a22227d');
    INSERT INTO attempts VALUES (7, 7, 1, 'run-1', 1795244302570, 1795244302570, 'refused',
      'served-1', 7, 9, NULL, NULL, '{"state":"tool-call"}',
      x'f9b928c14210ddc6e812920dd6079c3b75e7351e13cff78e4ef509b7bdb08728', NULL,
      x'7b227374617465223a22746f6f6c2d63616c6c222c2274657874223a22227d');
    INSERT INTO attempts VALUES (8, 8, 1, 'run-1', 1795244302570, 1795244302571, 'refused',
      'served-1', 7, 9, NULL, NULL, '{"state":"unknown-finish"}',
      x'c00dc89a38e3226791c1e29bd1cfb9728e37dab37690a58db90bff12d404d033', NULL,
      x'7b227374617465223a22756e6b6e6f776e2d66696e697368222c2274657874223a22227d');
    INSERT INTO attempts VALUES (9, 9, 1, 'run-1', 1795244302571, 1795244302571, 'declined',
      NULL, NULL, NULL, NULL, NULL, '{"message":"busy"}', NULL, NULL, NULL);
    INSERT INTO attempts VALUES (10, 10, 1, 'run-1', 1795244302572, 1795244302572, 'lost', NULL,
      NULL, NULL, NULL, NULL, '{"message":"timeout"}', NULL, NULL, NULL);
    INSERT INTO attempts VALUES (11, 10, 2, 'run-2', 1795244302572, NULL, NULL, NULL, NULL, NULL,
      NULL, NULL, '{"message":"reset"}', NULL, NULL, NULL);
    INSERT INTO attempts VALUES (12, 11, 1, 'run-1', 1795244302573, 1795244302573, 'answered',
      NULL, NULL, NULL, NULL, NULL, NULL,
      x'fc9296542c7134f87fec508810765152467a879c2ded76447efc6d2b74275339', NULL, x'6f6c64');
    INSERT INTO attempts VALUES (13, 11, 2, 'run-2', 1795244302574, 1795244302574, 'answered',
      NULL, NULL, NULL, NULL, NULL, NULL,
      x'18d3a6fe6cb4508bd8357ca8c73c26e79f257b91224390a70d80ef3d8adfddaa', NULL, x'6e6577');
    INSERT INTO attempts VALUES (14, 12, 1, NULL, 1795244302574, NULL, NULL, NULL, NULL, NULL,
      NULL, NULL, NULL, NULL, NULL, NULL);
    INSERT INTO claims VALUES (10, 11, NULL);
    INSERT INTO claims VALUES (12, 14, '435937e0bfbad273c9a654934d57ef2a');
    INSERT INTO jobs VALUES (1,
      x'5e8c9902207afaeb7120430c585a445f21e92932081d64bc99f80e4925bcb002', 'fine-tune',
      'test://model', 'distill-925e316bb8209c4849a080cf3b870d71', 'ftjob-1', 'created', 'run-1',
      '435937e0bfbad273c9a654934d57ef2a', 1795244302575, 1795244302575, NULL, NULL,
      '{"status":"running"}');
    PRAGMA user_version = 1;
    """

  private static let index = """
    PRAGMA journal_mode = WAL;
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
    INSERT INTO runs VALUES
      ('20261121-065812-0a1b2c', 'w.yaml', 1795244302575, NULL, 'running', NULL,
      '435937e0bfbad273c9a654934d57ef2a');
    PRAGMA user_version = 1;
    """
}
