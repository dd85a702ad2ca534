import Foundation

/// The files of the checkout that this test was built from.
enum Checkout {
  /// The folder that holds `Package.swift`.
  static let top = URL(filePath: #filePath).resolvingSymlinksInPath()
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  struct File: CustomStringConvertible {
    /// Relative to the top.
    var path: String
    var contents: String

    var description: String { path }

    /// The second component of the path: the target's folder.
    var target: String { String(path.split(separator: "/")[1]) }
  }

  /// The names of the folders directly under `folder`.
  static func folders(under folder: String) throws -> [String] {
    let url = top.appending(path: folder)
    return try FileManager.default.contentsOfDirectory(
      at: url, includingPropertiesForKeys: [.isDirectoryKey], options: .skipsHiddenFiles
    )
    .filter { try $0.resourceValues(forKeys: [.isDirectoryKey]).isDirectory == true }
    .map(\.lastPathComponent).sorted()
  }

  /// Every file under `folder` whose extension is among `extensions`.
  static func files(under folder: String, extensions: Set<String> = ["swift"]) throws -> [File] {
    let root = top.appending(path: folder).path()
    let paths = try FileManager.default.subpathsOfDirectory(atPath: root)
    return try paths.filter { extensions.contains(($0 as NSString).pathExtension) }.sorted()
      .map { path in
        let url = top.appending(path: folder).appending(path: path)
        return File(
          path: "\(folder)/\(path)", contents: try String(contentsOf: url, encoding: .utf8))
      }
  }

  /// The names at the top: of what git tracks, or, outside of a checkout, of what lies there.
  static func namesAtTop() throws -> Set<String> {
    if let tracked = trackedPaths() {
      return Set(tracked.compactMap { $0.split(separator: "/").first.map(String.init) })
    }
    // SwiftPM's lock file is written by the build that runs this test.
    return Set(try FileManager.default.contentsOfDirectory(atPath: top.path()))
      .subtracting(["Package.resolved"])
  }

  /// What `git ls-files` lists, or `nil` where git, or the history, is missing.
  private static func trackedPaths() -> [String]? {
    let git = Process()
    git.executableURL = URL(filePath: "/usr/bin/env")
    git.arguments = ["git", "-C", top.path(), "ls-files", "-z"]
    let output = Pipe()
    git.standardOutput = output
    git.standardError = FileHandle.nullDevice
    guard (try? git.run()) != nil else { return nil }
    let data = output.fileHandleForReading.readDataToEndOfFile()
    git.waitUntilExit()
    let paths = String(decoding: data, as: UTF8.self).split(separator: "\0").map(String.init)
    return git.terminationStatus == 0 && !paths.isEmpty ? paths : nil
  }
}
