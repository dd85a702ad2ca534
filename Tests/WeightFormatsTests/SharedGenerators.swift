import Foundation

/// The trained generators that stand beside the repository on the machines that have them.
enum SharedGenerators {
  /// `$PREIMAGE_SHARED/generators`, else `../shared/generators` beside the package.
  static let folder: String? = {
    let shared: URL
    if let named = ProcessInfo.processInfo.environment["PREIMAGE_SHARED"] {
      shared = URL(fileURLWithPath: named)
    } else {
      var place = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
      repeat {
        place.deleteLastPathComponent()
        guard place.path != "/" else { return nil }
      } while !FileManager.default.fileExists(
        atPath: place.appendingPathComponent("Package.swift").path)
      shared = place.deletingLastPathComponent().appendingPathComponent("shared")
    }
    let folder = shared.appendingPathComponent("generators").path
    return FileManager.default.fileExists(atPath: folder) ? folder : nil
  }()

  /// The paths of the files of this name, one a generator at most.
  static func files(named name: String) -> [String] {
    guard let folder else { return [] }
    let generators = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return generators.sorted().map { "\(folder)/\($0)/\(name)" }
      .filter { FileManager.default.fileExists(atPath: $0) }
  }
}
