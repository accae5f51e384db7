import Foundation

/// What a disk may hold after power failed at one moment.
enum PowerLossState: String, CaseIterable {
  /// Only what is sure.
  case sure = "what was synced"
  /// Everything that was done.
  case all = "all that was written"
  /// All names, and of the files only what is sure.
  case names = "names without their data"
  /// All bytes, under the names that are sure.
  case data = "data without its names"
  /// All names and sizes; zeros where bytes are not sure.
  case zeros = "zeros for unsynced data"
  /// Of each file what is sure and the last change, without those between.
  case last = "the last write of each file alone"
  case torn512 = "the last write torn at 512 bytes"
  case torn4096 = "the last write torn at 4096 bytes"
  /// The last write without its first sector.
  case tail512 = "the last write without its first 512 bytes"

  /// The states that differ after an operation from those after the one before it.
  static func after(_ operation: PowerLossLog.Operation, on disk: PowerLossDisk) -> [Self] {
    switch operation {
    case .send, .syncBegins: []
    case .syncEnds: disk.isUnsure ? [.sure, .names, .data, .zeros, .last] : [.sure]
    case .write(_, _, let bytes):
      [.all, .data, .zeros, .last]
        + (bytes.count > 512 ? [.torn512, .tail512] : [])
        + (bytes.count > 4096 ? [.torn4096] : [])
    case .truncate, .allocate: [.all, .data, .zeros, .last]
    case .create, .rename, .remove, .makeFolder: [.all, .names]
    }
  }

  /// Writes the state as a store's folder.
  ///
  /// The `-shm` of a database is left out: it is a map, and is made anew after a reboot.
  func write(_ disk: PowerLossDisk, to folder: String) throws {
    let names = self == .sure || self == .data ? disk.sureNames : disk.names
    let manager = FileManager.default
    let mode: [FileAttributeKey: Any] = [.posixPermissions: 0o700]
    for path in names.folders.sorted() where Self.isThere(path, names) {
      try manager.createDirectory(
        atPath: path == "" ? folder : "\(folder)/\(path)",
        withIntermediateDirectories: true,
        attributes: mode
      )
    }
    let last = disk.files.compactMap { $0.pending.last?.number }.max()
    for (path, number) in names.files
    where Self.isThere(PowerLossDisk.parent(path), names) && !path.hasSuffix("-shm") {
      let bytes = content(of: disk.files[number], last: last)
      let isObject = path.hasPrefix("objects/") && !path.contains("temp-")
      try Data(bytes).write(to: URL(fileURLWithPath: "\(folder)/\(path)"))
      try manager.setAttributes(
        [.posixPermissions: isObject ? 0o444 : 0o600],
        ofItemAtPath: "\(folder)/\(path)"
      )
    }
  }

  /// Whether a folder and all above it have a name.
  private static func isThere(_ folder: String, _ names: PowerLossDisk.Names) -> Bool {
    folder == ""
      || names.folders.contains(folder) && isThere(PowerLossDisk.parent(folder), names)
  }

  private func content(of file: PowerLossDisk.File, last: Int?) -> [UInt8] {
    var bytes = file.sure
    for (index, (number, change)) in file.pending.enumerated() {
      switch self {
      case .sure, .names: break
      case .all, .data: PowerLossDisk.apply(change, to: &bytes)
      case .zeros: PowerLossDisk.apply(Self.zeros(change), to: &bytes)
      case .last:
        if index == file.pending.count - 1 { PowerLossDisk.apply(change, to: &bytes) }
      case .torn512, .torn4096, .tail512:
        PowerLossDisk.apply(number == last ? torn(change) : change, to: &bytes)
      }
    }
    return bytes
  }

  private static func zeros(_ change: PowerLossDisk.Change) -> PowerLossDisk.Change {
    guard case .write(let offset, let bytes) = change else { return change }
    return .write(offset: offset, [UInt8](repeating: 0, count: bytes.count))
  }

  private func torn(_ change: PowerLossDisk.Change) -> PowerLossDisk.Change {
    guard case .write(let offset, let bytes) = change else { return change }
    return switch self {
    case .torn512: .write(offset: offset, Array(bytes.prefix(512)))
    case .torn4096: .write(offset: offset, Array(bytes.prefix(4096)))
    default: .write(offset: offset + 512, Array(bytes.dropFirst(512)))
    }
  }
}
