import Foundation

/// The trained generators that stand beside the repository on the machines that have them.
enum SharedGenerators {
  /// `$PREIMAGE_SHARED/generators`, else `../shared/generators` beside the package; the folder of
  /// that generator in it.
  static func folder(_ name: String) -> String? {
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
    let folder = shared.appendingPathComponent("generators/\(name)").path
    return FileManager.default.fileExists(atPath: folder) ? folder : nil
  }
}
