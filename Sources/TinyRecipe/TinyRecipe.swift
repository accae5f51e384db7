import ArgumentParser

/// The recipe of the tiny models: data from a seed, training from nothing.
@main
struct TinyRecipe: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tiny-recipe",
    abstract: "Makes the data sets and trains the tiny models that Distill ships.",
    subcommands: [DataCommand.self, TrainCommand.self, EffectCommand.self]
  )
}
