import Primitives

/// Which data set an exercise belongs to, by its structure: none is in two.
///
/// The digest of the structure decides, so that folds need no lists and hold for every exercise
/// that a generator can ever make.
package enum Fold: String, CaseIterable, Sendable {
  /// The endless text that the models are first trained on.
  case lessons
  case train, validation, test

  /// Sixteenths of the structures: 0 to 8 are lessons, 9 to 11 train, 12 validation, 13 to 15 test.
  package init(ofStructure structure: String) {
    switch Digest(of: structure).words.0 >> 60 {
    case 0..<9: self = .lessons
    case 9..<12: self = .train
    case 12: self = .validation
    default: self = .test
    }
  }

  /// Rows of the shipped data set; the lessons have no end.
  package var rows: Int? {
    switch self {
    case .lessons: nil
    case .train: 1200
    case .validation: 200
    case .test: 1000
    }
  }
}
