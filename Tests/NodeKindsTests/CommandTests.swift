import Execution
import NodeKinds
import Primitives
import Testing
import Workflow

/// What a command sees, and what it must leave behind.
@Suite struct CommandTests {
  private let kitchen: Kitchen

  init() async throws {
    kitchen = try await Kitchen()
  }

  @Test func itSeesWhatIsDeclaredAndNothingElse() async throws {
    let made = try await kitchen.run(
      "{kind: command, shell: 'env > out', env: {GREETING: hello}, outputs: {out: out}}"
    )
    let names = Set(
      try await made.text("out").split(separator: "\n").compactMap { line in
        line.split(separator: "=").first.map(String.init)
      }
    )
    // The shell adds some of its own.
    #expect(names.subtracting(["PWD", "OLDPWD", "SHLVL", "_"]) == ["GREETING", "HOME", "PATH"])
  }

  @Test func inputsAreFilesThatCannotBeWritten() async throws {
    let rows = try await kitchen.rows(.dataset, [["id": "a"]])
    let made = try await kitchen.run(
      "{kind: command, shell: 'cat $IN > out; ls -lL $IN | cut -c1-10 >> out', inputs: {IN: rows}, "
        + "outputs: {out: out}}",
      [("inputs.IN", rows)]
    )
    #expect(try await made.text("out") == "{\"id\":\"a\"}\n-r--r--r--\n")
  }

  @Test(
    arguments: [
      ("true", "output 'out' was not made: there is no file 'out'"),
      ("mkdir out", "output 'out' ('out') is not a plain file inside the command's folder"),
      ("ln -s /etc/hosts out", "output 'out' ('out') is not a plain file inside"),
      ("echo x > real; ln -s real out", "output 'out' ('out') is not a plain file inside"),
    ])
  func whatIsNoFileOfItsOwnIsNotTaken(_ shell: String, _ message: String) async throws {
    let failure = try await kitchen.failure {
      try await kitchen.run("{kind: command, shell: '\(shell)', outputs: {out: out}}")
    }
    #expect(failure?.message.hasPrefix(message) == true, "\(failure?.message ?? "")")
  }

  @Test func aFolderThatIsALinkOutsideIsNotFollowed() async throws {
    let failure = try await kitchen.failure {
      try await kitchen.run(
        "{kind: command, shell: 'ln -s /etc sub', outputs: {out: sub/hosts}}"
      )
    }
    #expect(failure?.message.contains("is not a plain file inside") == true)
  }

  @Test func aProgramThatIsNotThereIsNamed() async throws {
    let failure = try await kitchen.failure {
      try await kitchen.run("{kind: command, run: [no-such-program-here], outputs: {}}")
    }
    #expect(failure?.message.hasPrefix("'no-such-program-here' was not found on the PATH") == true)
  }

  @Test func argumentsPassNoShell() async throws {
    let made = try await kitchen.run(
      "{kind: command, run: [sh, -c, 'printf %s \"$1\" > out', x, '$HOME; a b'], "
        + "outputs: {out: out}}"
    )
    #expect(try await made.text("out") == "$HOME; a b")
  }
}
