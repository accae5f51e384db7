import ArgumentParser
import Exports
import Foundation
import Primitives
import Transfer

/// Options of commands that tell other services of a run.
struct ExportOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Send OpenLineage events to a service, or write them to a file; a key comes from "
        + "OPENLINEAGE_API_KEY.",
      valueName: "url|file"
    )
  )
  var openlineage: String?

  @Option(
    help: ArgumentHelp(
      "Log the run to an MLflow tracking server; keys come from MLFLOW_TRACKING_TOKEN, or "
        + "MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD.",
      valueName: "url"
    )
  )
  var mlflow: String?

  @Option(help: "The experiment of MLflow; the workflow's name where not given.")
  var experiment: String?

  /// The addresses, checked, with their keys from the environment.
  ///
  /// - Throws: `ExitStatus.usage` after a message, for an address that cannot be used.
  func targets() throws -> ExportTargets {
    guard openlineage != nil || mlflow != nil else { return ExportTargets() }
    do throws(ExportError) {
      let transfer = TransferClient()
      let key = Self.value(of: "OPENLINEAGE_API_KEY")
      let events: EventTarget? =
        if let openlineage {
          try EventTarget(openlineage, key: key, transfer: transfer)
        } else { nil }
      let tracking: ExportClient? =
        if let mlflow {
          ExportClient(try ExportAddress(mlflow, credential: Self.tracking), transfer: transfer)
        } else { nil }
      return ExportTargets(
        events: events,
        namespace: Self.value(of: "OPENLINEAGE_NAMESPACE") ?? RunIdentity.defaultNamespace,
        tracking: tracking,
        experiment: experiment ?? Self.value(of: "MLFLOW_EXPERIMENT_NAME")
      )
    } catch {
      Terminal.error(error.message)
      throw ExitStatus.usage
    }
  }

  /// User and password count before a token, as for MLflow's own client.
  private static var tracking: ExportAddress.Credential {
    if let user = value(of: "MLFLOW_TRACKING_USERNAME"),
      let password = value(of: "MLFLOW_TRACKING_PASSWORD")
    {
      return .basic(user: user, password: password)
    }
    return value(of: "MLFLOW_TRACKING_TOKEN").map { .bearer($0) } ?? .none
  }

  private static func value(of name: String) -> String? {
    ProcessEnvironment.value(of: name).flatMap { $0.isEmpty ? nil : $0 }
  }
}

/// Who is to be told of a run.
struct ExportTargets {
  var events: EventTarget?
  var namespace = RunIdentity.defaultNamespace
  var tracking: ExportClient?
  var experiment: String?

  var isEmpty: Bool { events == nil && tracking == nil }

  /// Whoever runs this, as MLflow shows it.
  static var user: String { NSUserName() }
}

extension ExportError {
  /// As a message for people.
  var message: String {
    "error: \(ForeignText.line(description, limit: 1000))" + (hint.map { "\n  hint: \($0)" } ?? "")
  }
}
