import ArgumentParser
import Documents
import Foundation
import Networks
import WeightFormats

/// From a weight file on the disk to a generator that is ready to evaluate.
struct LoadingBenchmark: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "loading", abstract: "Weight files of every format, to a generator that is ready.",
    discussion: """
      Each file is read again and again; the time is the median, the memory what the process needed \
      at most above what it had before, as the system counts it.
      """)

  @Argument(help: "Folders of one generator each, such as ../shared/generators/face-dcgan.")
  var folders: [String]

  @Option(help: "How often each file is read.")
  var rounds = 15

  func run() throws {
    var table = Table(["file", "MB", "ms", "MB/s", "memory / file"])
    for folder in folders {
      let names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
      let document = try? Data(contentsOf: URL(fileURLWithPath: "\(folder)/architecture.json"))
      let architecture = try document.map { try JSONParser().parse([UInt8]($0)) }
      for name in names where name != "derivatives.npz" {
        guard ["safetensors", "onnx", "pth", "tar", "pt", "npz"].contains(name.fileExtension) else {
          continue
        }
        table.add(
          try row("\(folder)/\(name)", name.fileExtension == "onnx" ? nil : architecture))
      }
    }
    table.print()
  }

  private func row(_ path: String, _ architecture: JSONValue?) throws -> [String] {
    let source = try FileBytes(path: path)
    var seconds: [Double] = []
    var growth = 0
    for _ in 0..<rounds {
      let before = try MemoryGauge.reset()
      seconds.append(
        try Stopwatch.seconds {
          try WeightFormats.generator(in: source, architecture: architecture).generator
        }.0)
      growth = max(growth, try MemoryGauge.peak() - before)
    }
    let megabytes = Double(source.byteCount) * 1e-6
    return [
      path.split(separator: "/").suffix(2).joined(separator: "/"), megabytes.text(),
      (1e3 * seconds.median).text(), (megabytes / seconds.median).text(),
      (Double(growth) / Double(source.byteCount)).text(2),
    ]
  }
}

/// The most memory that this process has had in use, from the system's own books.
private enum MemoryGauge {
  /// Starts over, and tells what is in use now, in bytes.
  static func reset() throws -> Int {
    try Data("5".utf8).write(to: URL(fileURLWithPath: "/proc/self/clear_refs"))
    return try bytes("VmRSS:")
  }

  static func peak() throws -> Int { try bytes("VmHWM:") }

  private static func bytes(_ key: String) throws -> Int {
    let text = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
    let line = text.split(separator: "\n").first { $0.hasPrefix(key) }
    let number = line?.split(whereSeparator: \.isWhitespace).dropFirst().first
    return (number.flatMap { Int($0) } ?? 0) * 1024
  }
}

extension String {
  fileprivate var fileExtension: String { URL(fileURLWithPath: self).pathExtension }
}
