import Documents
import Networks
import Testing
import WeightFormats

/// Files as NumPy writes them give its arrays, whatever order, type and compression they have.
@Suite struct NumPyTests {
  @Test(arguments: ["plain.npz", "deflated.npz"])
  func archivesAreRead(name: String) throws {
    let fixture = WeightFixture(name)
    let file = try fixture.read()
    #expect(file.format == "npz" && file.architecture == nil && !file.mayHoldMore)
    #expect(
      file.tensors == [
        "first": WeightFixture.tensor("first", [2, 3]),
        "second.long": WeightFixture.tensor("second.long", [5]),
        "group/third": WeightFixture.tensor("group/third", [2, 1, 2]),
        "one": WeightFixture.tensor("one", []),
        "none": Tensor(shape: [0, 3], values: []),
        "counts": Tensor(shape: [5], values: [-2, -1, 0, 1, 2]),
        "flags": Tensor(shape: [3], values: [1, 0, 1]),
      ])
    let summary = try fixture.summary()
    #expect(Set(summary.tensors.map(\.name)) == Set(file.tensors.keys))
    #expect(summary.tensors.allSatisfy { file.tensors[$0.name]?.shape == $0.shape })
    #expect(summary.tensors.first { $0.name == "group/third" }?.elementType == .float16)
  }

  @Test func ordersOfAxesAndBytesAreFollowed() throws {
    #expect(
      try WeightFixture("varied.npz").read().tensors == [
        "fortran": WeightFixture.tensor("fortran", [3, 4]),
        "cube": WeightFixture.tensor("cube", [2, 3, 4]),
        "big": WeightFixture.tensor("big", [3, 5]),
        "bighalf": WeightFixture.tensor("bighalf", [7]),
        "bigint": Tensor(shape: [5], values: [-2, -1, 0, 1, 2]),
      ])
  }

  /// As an array of characters, of bytes, and as a member.
  @Test(arguments: ["generator.npz", "generator-bytes.npz", "generator-member.npz"])
  func architecturesAreFound(name: String) throws {
    let source = try FileBytes(path: WeightFixture(name).path)
    let loaded = try WeightFormats.generator(in: source)
    #expect(loaded.format == "npz" && loaded.architecture.object?["state"] == nil)
    #expect(
      try WeightFormats.tensors(in: source, of: loaded.architecture) == WeightFixture.perceptron())
    #expect(loaded.generator.inputCount == 3 && loaded.generator.outputCount == 2)
    #expect(try WeightFixture(name).summary().architecture == loaded.architecture)
  }

  @Test(arguments: [1, 2, 3])
  func singleArraysAreRead(version: Int) throws {
    let fixture = WeightFixture("version\(version).npy")
    let file = try fixture.read()
    #expect(file.format == "npy")
    #expect(file.tensors == ["weights": WeightFixture.tensor("weights", [3, 2])])
    #expect(try fixture.summary().tensors.map(\.name) == ["weights"])
    let bytes = try fixture.bytes()
    #expect(throws: WeightFormatError.self) { try WeightFormats.read(MemoryBytes(bytes + [0])) }
  }

  @Test func picklesOfObjectsAreRefused() {
    let error = refusal { _ = try WeightFixture("objects.npz").read() }
    guard case .elementType("second", "|O", _) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  /// An NPY file with this header and these bytes behind it.
  private func array(_ type: String, _ shape: String, _ data: [UInt8]) -> [UInt8] {
    let header = "{'descr': '\(type)', 'fortran_order': False, 'shape': \(shape), }\n"
    return [0x93] + Array("NUMPY".utf8) + [1, 0] + ZipWriter.fields((header.utf8.count, 2))
      + Array(header.utf8) + data
  }

  @Test func wrongArraysAreRefused() throws {
    let wrong: [(String, String, [UInt8])] = [
      ("<f4", "(2,)", [0, 0, 0, 0]), ("<f4", "(1,)", [0, 0, 0]), ("<f4", "(1,)", [0, 0, 0, 0, 0]),
      ("<c8", "(1,)", [0, 0, 0, 0, 0, 0, 0, 0]), ("<f4", "(-1,)", []), ("<V4", "()", [0, 0, 0, 0]),
      ("<f4", "(4294967296, 4294967296)", []), ("<f4", "(0, 9223372036854775807, 3)", []),
      ("<f4", "(1, 1, 1, 1, 1, 1, 1, 1, 1)", [0, 0, 0, 0]), ("<f4", "()", [0, 0, 0xC0, 0x7F]),
      ("<i4", "()", [1, 0, 0, 1]),
    ]
    for (type, shape, data) in wrong {
      let bytes = array(type, shape, data)
      #expect(throws: WeightFormatError.self, "\(type) \(shape)") {
        try WeightFormats.read(MemoryBytes(bytes))
      }
      #expect(throws: WeightFormatError.self, "\(type) \(shape)") {
        try WeightFormats.read(MemoryBytes(ZipWriter(["w.npy": bytes]).bytes))
      }
    }
  }

  @Test func wrongArchitecturesAreRefused() {
    let texts: [(String, [UInt8])] = [
      ("architecture.json", Array("{".utf8)),
      ("architecture.npy", array("<f4", "()", [0, 0, 0, 0])),
      ("architecture.npy", array("<U2", "()", [0x7B, 0, 0, 0, 0, 0xD8, 0, 0])),
      ("architecture.npy", array("|S2", "()", [0x7B])), ("architecture.npy", array("|S", "()", [])),
      ("architecture.npy", array("|S1", "(1,)", [0x7B])),
      ("architecture.npy", array("<U99999999999999999999", "()", [])),
      ("architecture.npy", array("<U4611686018427387905", "()", [0, 0, 0, 0])),
    ]
    for (name, data) in texts {
      let archive = ZipWriter([name: data, "w.npy": array("<f4", "()", [0, 0, 0, 0])])
      #expect(throws: WeightFormatError.self, "\(data)") {
        try WeightFormats.read(MemoryBytes(archive.bytes))
      }
    }
    let both = ZipWriter([
      "architecture.json": Array("{}".utf8), "architecture.npy": array("|S2", "()", [0x7B, 0x7D]),
    ])
    #expect(throws: WeightFormatError.self) { try WeightFormats.read(MemoryBytes(both.bytes)) }
  }

  @Test func everyLimitOnBothSides() throws {
    let bytes = ZipWriter([
      "ab.npy": array("<f4", "(1, 2)", [UInt8](repeating: 0, count: 8)),
      "c.npy": array("<f4", "()", [0, 0, 0, 0]),
    ]).bytes
    let exact = WeightLimits(
      bytesMax: bytes.count, tensorsMax: 2, elementsMax: 3, dimensionsMax: 2, nameBytesMax: 2)
    #expect(try WeightFormats.read(MemoryBytes(bytes), limits: exact).tensors.count == 2)
    for (name, path) in [
      ("bytesMax", \WeightLimits.bytesMax), ("tensorsMax", \.tensorsMax),
      ("elementsMax", \.elementsMax), ("dimensionsMax", \.dimensionsMax),
      ("nameBytesMax", \.nameBytesMax),
    ] {
      var less = exact
      less[keyPath: path] -= 1
      let error = refusal { _ = try WeightFormats.read(MemoryBytes(bytes), limits: less) }
      #expect(
        refusal { _ = try WeightFormats.summary(of: MemoryBytes(bytes), limits: less) } == error)
      guard case .limit(name, _, _, _) = error else {
        Issue.record("\(name): \(String(describing: error))")
        continue
      }
    }
  }
}
