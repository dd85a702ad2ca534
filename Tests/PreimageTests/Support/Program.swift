import Foundation
import Testing

/// The program that was built with these tests.
enum Program {
  /// Beside the test bundle, or where the checkout's release build puts it; `nil` when it was not
  /// built.
  static let path: String? = {
    let own = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    let beside = own.map {
      URL(fileURLWithPath: $0).deletingLastPathComponent().appending(path: "preimage").path
    }
    let built = checkout.appending(path: ".build/release/preimage").path
    return [beside, built].compactMap { $0 }.first {
      FileManager.default.isExecutableFile(atPath: $0)
    }
  }()

  /// Where a build is checked, tests that do not run must not look as if they had passed.
  static let isMissing = path == nil && ProcessInfo.processInfo.environment["CI"] != "true"

  static let checkout = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// The folder that the checkout shares with others, where there is one: a sibling of the checkout
  /// or of a folder above it.
  static let shared: URL? = {
    var folder = checkout
    while folder.path != "/" {
      folder.deleteLastPathComponent()
      let candidate = folder.appending(path: "shared")
      let cases = candidate.appending(path: "acceptance/http_cases.py")
      if FileManager.default.fileExists(atPath: cases.path) { return candidate }
    }
    return nil
  }()

  /// Runs to its end.
  static func run(
    _ arguments: String..., in folder: URL, environment: [String: String] = [:]
  ) throws -> Child.Ending {
    let child = try Child(
      try #require(path, "the program was not built"), arguments, in: folder,
      environment: environment)
    defer { child.kill() }
    return try child.wait(seconds: 60)
  }

  /// Runs another program to its end.
  static func tool(
    _ arguments: String..., in folder: URL, environment: [String: String] = [:], seconds: Double
  ) throws -> Child.Ending {
    let child = try Child("/usr/bin/env", arguments, in: folder, environment: environment)
    defer { child.kill() }
    return try child.wait(seconds: seconds)
  }
}

extension Trait where Self == ConditionTrait {
  /// Skips where the program was not built; where `CI` is `true`, the tests run and fail instead.
  static var needsProgram: Self {
    .enabled(
      if: !Program.isMissing,
      "the program was not built: swift build -c release --product preimage")
  }
}

/// Runs `body` in a folder of its own, and removes it.
func withFolder(_ body: (URL) throws -> Void) throws {
  let folder = FileManager.default.temporaryDirectory.appending(
    path: "preimage-program-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  try body(folder)
}
