import Foundation
import Primitives
import Store
import Testing

/// Another program, written from docs/store.md alone, shares the store and is killed.
@Suite struct ProcessTests {
  @Test func aKilledClaimantLeavesItsCallInDoubt() async throws {
    let test = try await TestStore()
    let key = Digest(of: "paid")
    let stranger = try Stranger(store: test.path, key: key)
    #expect(try await test.store.ledger.claim(call("paid")).isHeldByOther)
    #expect(try await test.store.ledger.inDoubt().isEmpty)
    async let waited: Void = test.store.ledger.waitForOther(key)
    stranger.kill()
    try await waited
    let doubt = try #require(try await test.store.ledger.claim(call("paid")).doubt)
    #expect(doubt.model == "other://model")
    #expect(doubt.runID == "run-of-python")
    #expect(try await test.store.ledger.inDoubt() == [doubt])
  }

  @Test func aWriterHoldsUpOthersOnlyForItsCommit() async throws {
    let test = try await TestStore()
    let stranger = try Stranger(store: test.path, key: Digest(of: "theirs"), holdingWrite: true)
    let claim = Task { try await test.store.ledger.claim(call("mine")) }
    // Readers wait for nobody, whoever holds the lock of the writers.
    #expect(try await test.store.ledger.lookup([Digest(of: "mine")]).isEmpty)
    stranger.kill()
    #expect(try await claim.value.attempt?.number == 1)
  }

  @Test func aStrangersAnswerIsServedAndPaidFor() async throws {
    let test = try await TestStore()
    let key = Digest(of: "settled")
    try runTool(["python3", "-c", Self.settling, test.path, key.hex])
    let answer = try #require(try await test.store.ledger.claim(call("settled")).answer)
    #expect(answer.body == Array("forty-two".utf8))
    #expect(answer.servedModel == "snake-1")
    #expect(answer.tokens == TokenCounts(prompt: 3))
    #expect(answer.cost == Money(nanos: 1500))
    let spending = try await test.store.ledger.spending(account: "theirs")
    #expect(spending == Spending(settled: Money(nanos: 1500), reserved: .zero, unpriced: 0))
    #expect(try await test.store.verify().isSound)
    #expect(try Recount.differences(test.path) == "")
    let attempt = try #require(
      try await test.store.ledger.claim(call("settled"), fresh: true).attempt
    )
    #expect(attempt.number == 2)
  }

  /// A settled call, row by row as docs/store.md has it.
  private static let settling = """
    import fcntl, hashlib, sqlite3, sys
    store, key = sys.argv[1], bytes.fromhex(sys.argv[2])
    writers = open(f"{store}/locks/write", "w")
    fcntl.flock(writers, fcntl.LOCK_EX)
    ledger = sqlite3.connect(f"{store}/ledger.sqlite")
    ledger.execute("PRAGMA synchronous = FULL")
    ledger.execute("PRAGMA wal_autocheckpoint = 0")
    def insert(sql, *values):
        return ledger.execute(sql, values).lastrowid
    model = insert("INSERT INTO models (identity) VALUES ('other://model')")
    payer = insert("INSERT INTO payers (account) VALUES ('theirs')")
    insert("INSERT INTO accounts VALUES (NULL, 'theirs', 1500, 0, 0)")
    call = insert("INSERT INTO calls (key, model, request) VALUES (?, ?, x'7b7d')", key, model)
    body = b"forty-two"
    seal = hashlib.sha256(
        key + hashlib.sha256(body).digest() + b"answered\\0snake-1\\0" + b"3\\0" + b"\\0")
    insert("INSERT INTO attempts VALUES (?, ?, ?, 5, 6, 'answered', 'snake-1', 3, NULL, 2000, 1500, "
        "NULL)", call * 1048576 + 1, model, payer)
    insert("INSERT INTO answers VALUES (?, ?, NULL, ?)", call * 1048576 + 1, seal.digest(), body)
    ledger.commit()
    ledger.close()
    """
}

/// A Python process that claims a call by the letter of docs/store.md, says so, and waits.
private struct Stranger {
  private let process = Process()

  init(store: String, key: Digest, holdingWrite: Bool = false) throws {
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [
      "python3", "-c", Stranger.script, store, key.hex, holdingWrite ? "hold" : "free",
    ]
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    // One byte says it: how many a read brings is not the child's to decide.
    let said = try pipe.fileHandleForReading.read(upToCount: 1)
    try #require(said == Data("c".utf8))
  }

  func kill() {
    Foundation.kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
  }

  private static let script = """
    import fcntl, os, sqlite3, sys, time
    store, key, mode = sys.argv[1], bytes.fromhex(sys.argv[2]), sys.argv[3]
    token = os.urandom(16).hex()
    owner = open(f"{store}/locks/owner-{token}", "w")
    fcntl.flock(owner, fcntl.LOCK_EX)
    writers = open(f"{store}/locks/write", "w")
    fcntl.flock(writers, fcntl.LOCK_EX)
    ledger = sqlite3.connect(f"{store}/ledger.sqlite")
    ledger.execute("PRAGMA synchronous = FULL")
    ledger.execute("PRAGMA wal_autocheckpoint = 0")
    model = ledger.execute("INSERT INTO models (identity) VALUES ('other://model')").lastrowid
    call = ledger.execute(
        "INSERT INTO calls (key, model, request) VALUES (?, ?, x'7b7d')", (key, model)).lastrowid
    payer = ledger.execute("INSERT INTO payers (run) VALUES ('run-of-python')").lastrowid
    ledger.execute("INSERT INTO accounts VALUES (NULL, 'run:run-of-python', 0, 5000000, 0)")
    ledger.execute(
        "INSERT INTO claims (call, number, model, payer, started_at, reserved_nanos, owner) "
        "VALUES (?, 1, ?, ?, ?, 5000000, ?)", (call, model, payer, int(time.time() * 1000), token))
    ledger.commit()
    if mode == "free":
        fcntl.flock(writers, fcntl.LOCK_UN)
    print("claimed", flush=True)
    time.sleep(600)
    """
}
