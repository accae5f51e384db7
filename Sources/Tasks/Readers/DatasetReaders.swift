import Primitives

/// The readers there are; a new format is one file and one line here.
package enum DatasetReaders {
  /// Sorted by format.
  package static let all: [any DatasetReader.Type] = [
    AlpacaReader.self,
    ANLIReader.self,
    AquaRATReader.self,
    ARCReader.self,
    BaizeReader.self,
    BBCNewsReader.self,
    ChainOfDensityReader.self,
    CommonsenseQAReader.self,
    ConjNLIReader.self,
    ConTRoLReader.self,
    CSVReader.self,
    GovReportReader.self,
    GSM8KReader.self,
    HELPReader.self,
    JSONReader.self,
    JSONLinesReader.self,
    MedQuADReader.self,
    MultiArithReader.self,
    QASCReader.self,
    RiddleSenseReader.self,
    SVAMPReader.self,
    TextFolderReader.self,
    TSVReader.self,
  ]

  package static var formats: [String] { all.map { $0.format } }

  package static func named(_ format: String) -> (any DatasetReader.Type)? {
    all.first { UTF8Order.equal($0.format, format) }
  }
}
