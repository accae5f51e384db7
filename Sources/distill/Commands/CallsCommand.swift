import ArgumentParser

/// Lists, shows and settles calls to models.
struct CallsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "calls",
    abstract: "List calls to models, those in doubt first; show one, or settle what is in doubt.",
    discussion: """
      A call is in doubt if it was sent and no answer to it is known: it may have been paid. \
      'in_doubt:' in the workflow, or 'run --in-doubt', says what becomes of such calls; what is \
      left is settled here.
      """,
    subcommands: [CallsList.self, CallsShow.self, CallsSettle.self],
    defaultSubcommand: CallsList.self
  )
}
