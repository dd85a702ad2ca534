import Foundation
import Networks
import Testing
import WeightFormats

/// The catalogue, the sources of bytes, and the real generators.
@Suite struct WeightFormatsTests {
  @Test func theCatalogueHasDistinctNames() {
    let names = WeightFormats.all.map(\.name)
    #expect(Set(names).count == names.count && !names.isEmpty)
    #expect(WeightFormats.all.allSatisfy { !$0.mediaTypes.isEmpty })
    #expect(Safetensors().mediaTypes == ["application/x-safetensors"])
  }

  @Test func whatNobodyRecognisesIsNamed() {
    let known = WeightFormats.all.map(\.name)
    for bytes in [[], [0], Array("GIF89a".utf8), [UInt8](repeating: 7, count: 100)] as [[UInt8]] {
      let error = WeightFormatError.unrecognised(
        firstBytes: Array(bytes.prefix(16)), known: known)
      #expect(throws: error) { try WeightFormats.read(MemoryBytes(bytes)) }
      #expect(throws: error) { try WeightFormats.summary(of: MemoryBytes(bytes)) }
    }
    let message = WeightFormatError.unrecognised(firstBytes: [0x0A, 0xFF], known: known).message
    #expect(message.contains("[0a ff]") && message.contains("safetensors"))
  }

  @Test func messagesNameTheTensorAndThePlace() {
    let error = WeightFormatError.nonFinite(tensor: "main.0.weight", index: 7, value: .nan)
    #expect(error.message.contains("\"main.0.weight\"") && error.message.contains("index 7"))
    let huge = WeightFormatError.nonFinite(tensor: "w", index: 0, value: 1e300)
    #expect(huge.message.contains("beyond the range"))
  }

  private func withFile(_ bytes: [UInt8], _ body: (String) throws -> Void) throws {
    let path = NSTemporaryDirectory() + "preimage-\(UUID().uuidString)"
    try Data(bytes).write(to: URL(fileURLWithPath: path))
    defer { try? FileManager.default.removeItem(atPath: path) }
    try body(path)
  }

  @Test func sourcesGiveExactlyWhatIsAsked() throws {
    let bytes = (0..<1000).map { UInt8(truncatingIfNeeded: $0) }
    try withFile(bytes) { path in
      let sources: [any ByteSource] = [MemoryBytes(bytes), try FileBytes(path: path)]
      for source in sources {
        #expect(source.byteCount == 1000)
        for (offset, count) in [(0, 0), (0, 1000), (1000, 0), (999, 1), (17, 256)] {
          let expected = Array(bytes[offset..<offset + count])
          #expect(try source.read(at: offset, count: count) == expected)
        }
        for (offset, count) in [(0, 1001), (1000, 1), (1001, 0), (-1, 1), (0, -1), (1, .max)] {
          #expect(throws: WeightFormatError.self, "\(offset), \(count)") {
            try source.read(at: offset, count: count)
          }
        }
      }
    }
  }

  @Test func filesThatCannotBeReadAreRefused() throws {
    for path in ["/nowhere/at/all", "/", "/dev/null"] {
      let error = refusal { _ = try FileBytes(path: path) }
      guard case .cannotOpen(path, _) = error else {
        Issue.record("\(path): \(String(describing: error))")
        continue
      }
    }
    try withFile([1, 2, 3, 4]) { path in
      let source = try FileBytes(path: path)
      #expect(truncate(path, 2) == 0)
      #expect(try source.read(at: 0, count: 2) == [1, 2])
      #expect(throws: WeightFormatError.self) { try source.read(at: 0, count: 4) }
    }
  }

  /// A source's own failure, and one that gives too little, are reported with the place.
  @Test func failingSourcesAreReported() {
    struct Broken: ByteSource {
      struct Failure: Error {}
      var byteCount: Int { 100 }
      var given: Int?
      func read(at offset: Int, count: Int) throws -> [UInt8] {
        guard let given else { throw Failure() }
        return [UInt8](repeating: 0, count: given)
      }
    }
    for source in [Broken(given: nil), Broken(given: 5)] {
      let error = refusal { _ = try WeightFormats.read(source) }
      guard case .unreadable(0, 100, _) = error else {
        Issue.record("\(String(describing: error))")
        continue
      }
    }
  }

  @Test(.enabled(if: SharedGenerators.folder != nil))
  func theRealGeneratorsAreRead() throws {
    let folder = try #require(SharedGenerators.folder)
    let paths = SharedGenerators.files(named: "weights.safetensors")
    #expect(!paths.isEmpty, "no generators in \(folder)")
    for path in paths {
      let source = try FileBytes(path: path)
      let file = try WeightFormats.read(source)
      let summary = try WeightFormats.summary(of: source)
      #expect(file.format == "safetensors")
      #expect(Set(summary.tensors.map(\.name)) == Set(file.tensors.keys))
      for entry in summary.tensors {
        #expect(file.tensors[entry.name]?.shape == entry.shape)
      }
      #expect(summary.tensors.last?.byteRange.upperBound == source.byteCount)
      let again = Safetensors.write(
        tensors: file.tensors, architecture: file.architecture, metadata: file.metadata)
      #expect(try WeightFormats.read(MemoryBytes(again)) == file, "\(path)")
    }
  }
}
