import SignalFormats
import Testing

/// NPY files come back as they went, whatever wrote them, and nothing else is taken for one.
@Suite struct NPYTests {
  /// A file as NumPy lays it out.
  private func file(
    _ header: String, data: [UInt8] = [], version: UInt8 = 1, length: Int? = nil
  ) -> [UInt8] {
    let text = Array(header.utf8)
    let length = length ?? text.count
    let width = version == 1 ? 2 : 4
    let prefix = (0..<width).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) }
    return [0x93] + Array("NUMPY".utf8) + [version, 0] + prefix + text + data
  }

  private func header(_ type: String, _ shape: String, fortran: Bool = false) -> String {
    "{'descr': '\(type)', 'fortran_order': \(fortran ? "True" : "False"), 'shape': \(shape), }\n"
  }

  private func bytes<Number: FixedWidthInteger>(_ numbers: [Number], bigEndian: Bool) -> [UInt8] {
    numbers.flatMap { number in
      withUnsafeBytes(of: bigEndian ? number.bigEndian : number.littleEndian) { Array($0) }
    }
  }

  @Test(arguments: [1, 2] as [UInt64])
  func writtenThenReadIsTheSame(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    for shape in [[], [0], [1], [5], [2, 3], [4, 1, 3], [2, 0, 3], [1, 3, 8, 8], [1000]] {
      let values = (0..<shape.reduce(1, *)).map { _ in
        Float(bitPattern: UInt32(truncatingIfNeeded: random.next()))
      }
      let written = NPY.write(values, shape: shape)
      let read = try NPY.read(written)
      #expect(read.shape == shape)
      #expect(read.values.map(\.bitPattern) == values.map(\.bitPattern))
      #expect((written.count - values.count * 4) % 64 == 0, "the data is not aligned")
    }
  }

  /// What `numpy.save` writes for `numpy.arange(3, dtype="<f4")`, byte for byte.
  @Test func writesWhatNumPyWrites() {
    let text = "{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }"
    let padded = text + String(repeating: " ", count: 0x76 - text.utf8.count - 1) + "\n"
    let data = bytes([Float(0), 1, 2].map(\.bitPattern), bigEndian: false)
    #expect(NPY.write([0, 1, 2], shape: [3]) == file(padded, data: data))
  }

  @Test func everyElementTypeInBothOrders() throws {
    let values: [Float] = [0, 1, 2, 100]
    func check(_ type: String, _ data: [UInt8], _ expected: [Float]) throws {
      let array = try NPY.read(file(header(type, "(\(expected.count),)"), data: data))
      #expect(array.values == expected, "\(type)")
    }
    for big in [false, true] {
      let order = big ? ">" : "<"
      let halves = values.map { Float16($0).bitPattern }
      try check(order + "f2", bytes(halves, bigEndian: big), values)
      try check(order + "f4", bytes(values.map(\.bitPattern), bigEndian: big), values)
      try check(order + "f8", bytes(values.map { Double($0).bitPattern }, bigEndian: big), values)
      try check(order + "i2", bytes([-2, 300] as [Int16], bigEndian: big), [-2, 300])
      try check(order + "i4", bytes([-2, 70_000] as [Int32], bigEndian: big), [-2, 70_000])
      try check(order + "i8", bytes([-2, 1 << 40] as [Int64], bigEndian: big), [-2, 0x1p40])
      try check(order + "u2", bytes([2, 65_535] as [UInt16], bigEndian: big), [2, 65_535])
      try check(order + "u4", bytes([2, 1 << 31] as [UInt32], bigEndian: big), [2, 0x1p31])
      try check(order + "u8", bytes([2, 1 << 63] as [UInt64], bigEndian: big), [2, 0x1p63])
    }
    try check("|u1", [0, 255], [0, 255])
    try check("|i1", [0, 255], [0, -1])
    try check("|b1", [0, 1, 7], [0, 1, 1])
  }

  @Test func unreadableElementTypesAreNamed() {
    for type in ["|S5", "<U3", "<c8", "|O", "<f16", "=f4", "f4", "<f3", "<f1", "|f4", "<M8", ""] {
      #expect(throws: SignalFormatError.elementType(type), "\(type)") {
        try NPY.read(file(header(type, "(1,)"), data: [UInt8](repeating: 0, count: 16)))
      }
    }
    #expect(throws: SignalFormatError.self) {
      try NPY.read(file("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }"))
    }
  }

  /// Element (i, j, k) of a column-major file stands at i + s0 (j + s1 k).
  @Test func columnMajorFilesAreReLaid() throws {
    for shape in [[2, 3], [3, 1], [2, 3, 4], [1, 5, 1, 2], [7], [], [0, 3]] {
      let count = shape.reduce(1, *)
      let expected = (0..<count).map { Float($0) }
      var stored = [Float](repeating: -1, count: count)
      for place in 0..<count {
        var rest = place
        var index = [Int](repeating: 0, count: shape.count)
        for axis in shape.indices.reversed() {
          index[axis] = rest % shape[axis]
          rest /= shape[axis]
        }
        var target = 0
        for axis in shape.indices.reversed() { target = target * shape[axis] + index[axis] }
        stored[target] = expected[place]
      }
      let extents = shape.map { "\($0)," }.joined()
      let data = bytes(stored.map(\.bitPattern), bigEndian: false)
      let array = try NPY.read(file(header("<f4", "(\(extents))", fortran: true), data: data))
      #expect(array == NPYArray(shape: shape, values: expected))
    }
  }

  @Test func everyVersionAndSpellingIsRead() throws {
    let data: [UInt8] = [1, 2, 3, 4, 5, 6]
    let expected = NPYArray(shape: [2, 3], values: [1, 2, 3, 4, 5, 6])
    for version in 1...3 as ClosedRange<UInt8> {
      for text in [
        "{'descr': '|u1', 'fortran_order': False, 'shape': (2, 3), }    \n",
        "{\"shape\":(2,3),\"fortran_order\":False,\"descr\":\"|u1\"}",
        "{ 'shape' : ( 2 , 3 , ) , 'descr' : '|u1' , 'fortran_order' : False }",
        "{'descr': '|u1', 'fortran_order': False, 'shape': (2L, 3L), }\n",
      ] {
        #expect(try NPY.read(file(text, data: data, version: version)) == expected, "\(text)")
      }
    }
    #expect(throws: SignalFormatError.version(major: 4, minor: 0)) {
      try NPY.read(file("{}", version: 4))
    }
    #expect(throws: SignalFormatError.version(major: 0, minor: 0)) {
      try NPY.read(file("{}", version: 0))
    }
  }

  @Test func damagedHeadersAreRefused() {
    for text in [
      "", "{", "}", "{}", "[]", "{'descr': '<f4'}", "{'descr': '<f4', 'fortran_order': False}",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), 'x': 1}",
      "{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (1,)}",
      "{'descr': '<f4', 'fortran_order': 0, 'shape': (1,)}",
      "{'descr': '<f4', 'fortran_order': Falsehood, 'shape': (1,)}",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (1)}",
      "{'descr': '<f4', 'fortran_order': False, 'shape': 1}",
      "{'descr': '<f4', 'fortran_order': False, 'shape': [1]}",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (-1,)}",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (+1,)}",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (01,)}",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (1.0,)}",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (1 1,)}",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (,)}",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (1,,)}",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (1,}",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,)}",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (1,)} x",
      "{'descr': '<f4' 'fortran_order': False, 'shape': (1,)}",
      "{'descr': '<f4\\n', 'fortran_order': False, 'shape': (1,)}",
      "{'descr': '<f4, 'fortran_order': False, 'shape': (1,)}",
      "{'descr': __import__('os').system('true'), 'fortran_order': False, 'shape': (1,)}",
    ] {
      #expect(throws: SignalFormatError.self, "\(text)") {
        try NPY.read(file(text, data: [0, 0, 0, 0]))
      }
    }
  }

  @Test func limitsOnBothSides() throws {
    let text = header("|u1", "(2, 3)")
    let data = [UInt8](repeating: 1, count: 6)
    let exact = NPYLimits(headerBytesMax: text.utf8.count, dimensionsMax: 2, elementsMax: 6)
    #expect(try NPY.read(file(text, data: data), limits: exact).values.count == 6)
    for change in [\NPYLimits.headerBytesMax, \.dimensionsMax, \.elementsMax] {
      var less = exact
      less[keyPath: change] -= 1
      #expect(throws: SignalFormatError.self) { try NPY.read(file(text, data: data), limits: less) }
    }
  }

  /// Sizes far beyond the file are refused by arithmetic, before any memory is taken.
  @Test func absurdShapesAreRefused() {
    let unlimited = NPYLimits(headerBytesMax: .max, dimensionsMax: .max, elementsMax: .max)
    for shape in [
      "(9223372036854775807,)", "(4611686018427387904, 2)", "(3037000500, 3037000500)",
      "(2305843009213693952,)", "(9223372036854775807, 0, 9223372036854775807)",
    ] {
      for limits in [NPYLimits(), unlimited] {
        #expect(throws: SignalFormatError.self, "\(shape)") {
          try NPY.read(file(header("<f8", shape), data: [0]), limits: limits)
        }
      }
    }
    #expect(throws: SignalFormatError.self) {
      try NPY.read(file("{}", version: 2, length: 0xFFFF_FFFF), limits: unlimited)
    }
  }

  @Test func truncationAndTrailingBytesAreRefused() throws {
    let whole = NPY.write([1, 2, 3, 4, 5, 6], shape: [2, 3])
    for count in 0..<whole.count {
      #expect(throws: SignalFormatError.self, "\(count)") {
        try NPY.read(Array(whole.prefix(count)))
      }
    }
    #expect(
      throws: SignalFormatError.trailing(
        format: "NPY file", expected: whole.count, found: whole.count + 1)
    ) { try NPY.read(whole + [0]) }
    #expect(throws: SignalFormatError.signature(format: "an NPY file", found: [80, 75, 3, 4])) {
      try NPY.read([80, 75, 3, 4])
    }
  }

  @Test func corruptionNeverCrashes() {
    let whole = NPY.write([1, 2, 3, 4, 5, 6], shape: [2, 3])
    for place in 0..<whole.count - 24 {
      for byte in UInt8.min...UInt8.max {
        var damaged = whole
        damaged[place] = byte
        guard let array = try? NPY.read(damaged) else { continue }
        #expect(array.shape.reduce(1, *) == array.values.count)
      }
    }
  }

  @Test func nonFiniteValuesAreFound() throws {
    let values: [Float] = [1, .infinity, .nan]
    #expect(try NPY.read(NPY.write(values, shape: [3])).firstNonFinite == 1)
    #expect(NPYArray(shape: [2], values: [1, 2]).firstNonFinite == nil)
  }

  @Test func messagesNameWhatWasFound() {
    #expect(SignalFormatError.version(major: 9, minor: 1).message.contains("9.1"))
    #expect(
      SignalFormatError.tooLarge(quantity: "x", value: 7, limit: 6).description
        == "x is 7; at most 6 is accepted")
    #expect(SignalFormatError.elementType("|S5").message.contains("\"|S5\""))
  }
}
