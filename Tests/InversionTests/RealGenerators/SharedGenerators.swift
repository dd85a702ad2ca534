import Documents
import Foundation
import LinearAlgebra
import Networks
import SignalFormats
import WeightFormats

/// The trained generators that lie beside the repository in a folder `shared`, or in the one that
/// the environment names as `PREIMAGE_SHARED`. They are not part of the repository: what uses them
/// is skipped where they are not.
enum SharedGenerators {
  static let folder: URL? = {
    var candidates: [URL] = []
    if let named = ProcessInfo.processInfo.environment["PREIMAGE_SHARED"] {
      candidates.append(URL(fileURLWithPath: named))
    }
    var place = URL(fileURLWithPath: #filePath)
    while place.path != "/" {
      place.deleteLastPathComponent()
      candidates.append(place.appendingPathComponent("shared"))
    }
    return candidates.map { $0.appendingPathComponent("generators") }.first {
      FileManager.default.fileExists(atPath: $0.appendingPathComponent("README.md").path)
    }
  }()

  static var arePresent: Bool { folder != nil }

  static let names = ["lei-vae-relu", "lei-vae-leaky", "fashion-vae", "face-dcgan"]

  static func bytes(_ name: String, _ file: String) throws -> [UInt8]? {
    guard let url = folder?.appendingPathComponent(name).appendingPathComponent(file),
      FileManager.default.fileExists(atPath: url.path)
    else { return nil }
    return [UInt8](try Data(contentsOf: url))
  }

  static func generator(_ name: String) throws -> Generator {
    let architecture = try JSONParser().parse(bytes(name, "architecture.json") ?? [])
    let weights = try WeightFormats.read(
      MemoryBytes(bytes(name, "weights.safetensors") ?? []))
    return try Generator(architecture: architecture, tensors: weights.tensors)
  }

  /// `latents.npy` or `outputs.npy`: one sample a row.
  static func rows(_ name: String, _ file: String) throws -> Batch {
    let array = try NPY.read(bytes(name, file) ?? [])
    return Batch(
      count: array.shape[0], width: array.values.count / array.shape[0], values: array.values)
  }

  /// The arrays of `derivatives.npz` by name; `nil` when the generator has none.
  static func derivatives(_ name: String) throws -> [String: [Float]]? {
    guard let archive = try bytes(name, "derivatives.npz") else { return nil }
    return try StoredArchive.entries(of: archive).mapValues { try NPY.read($0).values }
  }
}

/// Reads zip files whose entries are stored as they are, which is how NumPy writes `.npz`.
enum StoredArchive {
  struct Unsupported: Error {}

  static func entries(of archive: [UInt8]) throws -> [String: [UInt8]] {
    func number(_ offset: Int, _ width: Int) -> Int {
      (0..<width).reduce(0) { $0 | Int(archive[offset + $1]) << (8 * $1) }
    }
    var entries: [String: [UInt8]] = [:]
    // The central directory, from the record at the end.
    let end = archive.count - 22
    guard end >= 0, number(end, 4) == 0x0605_4b50 else { throw Unsupported() }
    var place = number(end + 16, 4)
    for _ in 0..<number(end + 10, 2) {
      guard number(place, 4) == 0x0201_4b50, number(place + 10, 2) == 0 else { throw Unsupported() }
      let size = number(place + 24, 4)
      let nameCount = number(place + 28, 2)
      let name = String(decoding: archive[place + 46..<place + 46 + nameCount], as: UTF8.self)
      let local = number(place + 42, 4)
      let start = local + 30 + number(local + 26, 2) + number(local + 28, 2)
      entries[name.replacing(".npy", with: "")] = Array(archive[start..<start + size])
      place += 46 + nameCount + number(place + 30, 2) + number(place + 32, 2)
    }
    return entries
  }
}
