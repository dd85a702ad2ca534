import Networks
import Testing
import WeightFormats

/// What a pickle can say beyond data is refused and named; what it claims is bounded.
@Suite struct PickleRefusalTests {
  typealias P = PickleWriter

  private func read(
    _ pickle: [UInt8], storage: [UInt8]? = nil, limits: WeightLimits = WeightLimits()
  ) throws -> WeightFile {
    try WeightFormats.read(MemoryBytes(P.checkpoint(pickle, storage: storage)), limits: limits)
  }

  private func message(_ value: [UInt8], limits: WeightLimits = WeightLimits()) -> String {
    refusal { _ = try read(P.pickle(value), limits: limits) }?.message ?? "accepted"
  }

  private let state = P.dictionary(["w": P.tensor()])

  @Test func aHandmadeCheckpointIsRead() throws {
    let tensors = ["w": Tensor(shape: [4], values: [1, 2, 3, 4])]
    #expect(try read(P.pickle(state)).states == [.init(name: ".", tensors: tensors)])
    // A dictionary as Python 2 wrote it, and with attributes.
    let ordered = P.global("collections", "OrderedDict")
    let pair = [0x5D] + P.text("w") + [0x61] + P.tensor() + [0x61]
    let old = ordered + P.tuple([[0x5D] + pair + [0x61]]) + [0x52] + P.dictionary(["m": [0x4E]])
    #expect(try read(P.pickle(old + [0x62])).tensors == tensors)
  }

  @Test func namesThatAreNotDataAreRefused() {
    let names = [
      ("os", "system"), ("posix", "system"), ("builtins", "eval"), ("builtins", "exec"),
      ("subprocess", "Popen"), ("__main__", "VAE"), ("torch.nn.modules.linear", "Linear"),
      ("torch", "load"), ("torch", "Storage"), ("torch.hub", "load"), ("functools", "partial"),
      ("collections", "OrderedDict.fromkeys"), ("numpy.core.multiarray", "scalar"),
      ("torch.cuda", "float32"), ("", ""),
    ]
    for (module, name) in names {
      let arguments = P.tuple([P.text("echo pwned")])
      for named in [
        P.global(module, name), P.text(module) + P.text(name) + [0x93],
      ] {
        // Called, instantiated, given attributes, and only named.
        for rest in [arguments + [0x52], [0x29, 0x81], [0x7D, 0x62], []] as [[UInt8]] {
          let text = message(named + rest)
          #expect(text.contains("names \"\(module) \(name)\""), "\(text)")
          #expect(text.contains("nothing of the file was executed"))
        }
      }
    }
  }

  /// Every byte as an opcode: those of `torch.save` may fail in their own way, all others by name.
  @Test func otherOpcodesAreRefused() {
    let known = Set(
      [
        0x80, 0x95, 0x2E, 0x4E, 0x88, 0x89, 0x4A, 0x4B, 0x4D, 0x8A, 0x8B, 0x47, 0x8C, 0x58, 0x8D,
        0x55, 0x54, 0x43, 0x42, 0x8E, 0x96, 0x28, 0x29, 0x74, 0x85, 0x86, 0x87, 0x5D, 0x61, 0x65,
        0x7D, 0x73, 0x75, 0x8F, 0x90, 0x91, 0x71, 0x72, 0x94, 0x68, 0x6A, 0x63, 0x93, 0x52, 0x81,
        0x62, 0x51,
      ] as [UInt8])
    for code in UInt8.min...UInt8.max {
      let text = message([code])
      let isNamed = text.contains("opcode 0x\(String(code, radix: 16)) ")
      #expect(isNamed == !known.contains(code), "\(code): \(text)")
      #expect(text != "accepted")
    }
  }

  @Test func callsOfDataAreRefused() {
    let calls = [
      P.global("torch", "FloatStorage") + [0x29, 0x52],
      P.global("torch", "float32") + [0x29, 0x52],
      P.text("os.system") + [0x29, 0x52], P.global("torch", "Size") + [0x5D, 0x52],
      P.global("torch", "Size") + P.tuple([P.integer(3)]) + [0x52],
      P.global("torch._utils", "_rebuild_tensor_v2") + [0x29, 0x52],
      P.global("torch._utils", "_rebuild_tensor_v2") + P.tuple([[0x4E], [0x4E], [0x4E], [0x4E]])
        + [0x52],
      P.global("torch._utils", "_rebuild_parameter") + P.tuple([[0x4E], [0x89], [0x4E]]) + [0x52],
      P.global("collections", "OrderedDict") + P.tuple([P.integer(1)]) + [0x52],
      P.tuple([P.text("module"), P.text("x")]) + [0x51], P.text("storage") + [0x51],
      P.tensor() + [0x7D, 0x62], [0x5D, 0x7D, 0x62],
    ]
    for call in calls {
      #expect(throws: WeightFormatError.self, "\(call)") { try read(P.pickle(call)) }
    }
  }

  @Test func stacksAndMemosAreChecked() {
    for value in [
      [], [0x85], [0x86], [0x87], [0x74], [0x61], [0x75], [0x73], [0x52], [0x71, 0], [0x68, 0],
      [0x6A, 255, 255, 255, 255], [0x4E, 0x28, 0x85], [0x7D, 0x28, 0x4E, 0x75], [0x4E, 0x4E, 0x61],
      [0x93], [0x4E, 0x4E, 0x93], [0x28, 0x28, 0x4E, 0x74, 0x28], [0x80, 1], [0x80, 6],
    ] as [[UInt8]] {
      #expect(throws: WeightFormatError.self, "\(value)") { try read(P.pickle(value)) }
    }
  }

  @Test func hugeLengthsAreRefusedAtOnce() {
    let lengths: [[UInt8]] = [
      [0x58, 255, 255, 255, 255], [0x8D, 255, 255, 255, 255, 255, 255, 255, 255],
      [0x8D, 0, 0, 0, 0, 0, 0, 0, 0x80], [0x42, 255, 255, 255, 127], [0x8B, 255, 255, 255, 255],
      [0x96, 255, 255, 255, 255, 255, 255, 255, 127], [0x8E, 255, 255, 255, 255, 0, 0, 0, 0],
      [0x54, 255, 255, 255, 127], [0x58, 255, 255, 0, 0],
    ]
    for length in lengths { #expect(message(length) != "accepted", "\(length)") }
    let endless = Array("c".utf8) + [UInt8](repeating: 0x61, count: 1000)
    #expect(message(endless).contains("more than 256 bytes"))
  }

  /// Lists of the list before, twice: 2^25 tensors when written out, and one when they are not.
  @Test func memoBombsDoNotGoOff() throws {
    var bomb = state + [0x71, 0]
    for level in 0..<25 as Range<UInt8> {
      bomb += [0x5D, 0x28, 0x68, level, 0x68, level, 0x65, 0x71, level + 1]
    }
    #expect(try read(P.pickle(bomb)).states.count == 1)
    // A list that holds itself, and the state.
    let cycle = [0x5D, 0x71, 0, 0x28, 0x68, 0] + state + [0x65]
    #expect(try read(P.pickle(cycle)).states.map(\.name) == ["1"])
  }

  @Test func deepNestingIsRefused() {
    for depth in [40, 1000, 100_000] {
      let inward = state + [UInt8](repeating: 0x85, count: depth)
      #expect(message(inward).contains("nested deeper"))
      let lists = [UInt8](repeating: 0x5D, count: depth) + state
      #expect(message(lists + [UInt8](repeating: 0x61, count: depth)).contains("nested deeper"))
    }
    // From the outside inwards: each list is filled after it was put into another.
    var chain: [UInt8] = [0x5D, 0x71, 0]
    for _ in 0..<50_000 { chain += [0x68, 0, 0x5D, 0x71, 0, 0x61] }
    #expect(message(chain) != "accepted")
    #expect(message(state + [UInt8](repeating: 0x85, count: 30)) == "accepted")
  }

  /// One list of pairs made into a thousand dictionaries.
  @Test func copiesAreBounded() {
    func many(_ bytes: [UInt8], _ count: Int) -> [UInt8] {
      [[UInt8]](repeating: bytes, count: count).flatMap(\.self)
    }
    let pairs: [UInt8] = [0x5D, 0x28] + many([0x4E, 0x4E, 0x86], 1000) + [0x65, 0x85, 0x71, 0]
    let named = pairs + P.global("collections", "OrderedDict") + [0x71, 1]
    let copy: [UInt8] = [0x68, 1, 0x68, 0, 0x52]
    let limits = WeightLimits(pickleStepsMax: 100_000)
    #expect(message(named + many(copy, 101) + state, limits: limits).contains("items copied"))
    #expect(message(named + many(copy, 100) + state, limits: limits) == "accepted")
  }

  @Test func tensorsOutsideOfTheirStorageAreRefused() throws {
    let huge = Int.max
    let wrong: [(String, [UInt8])] = [
      ("reaches beyond", P.tensor(shape: [5])), ("reaches beyond", P.tensor(offset: 1)),
      ("reaches beyond", P.tensor(shape: [2], strides: [4])),
      ("reaches beyond", P.tensor(shape: [2, 2], strides: [3, 1])),
      ("reaches beyond", P.tensor(offset: huge, shape: [1])),
      ("reaches beyond", P.tensor(shape: [4], strides: [huge])),
      ("reaches beyond", P.tensor(offset: huge, shape: [2], strides: [huge])),
      ("repeats", P.tensor(shape: [5], strides: [0])),
      ("negative", P.tensor(offset: -1)), ("negative", P.tensor(shape: [-4])),
      ("negative", P.tensor(offset: 3, shape: [2], strides: [-1])),
      ("negative", P.tensor(shape: [4, -1], strides: [1, 1])),
      ("elementsMax", P.tensor(shape: [1 << 32, 1 << 32], strides: [1, 1])),
      ("elementsMax", P.tensor(shape: [0, huge, huge], strides: [1, 1, 1])),
      ("elementsMax", P.tensor(shape: [huge])), ("strides for", P.tensor(shape: [2, 2])),
      (
        "dimensionsMax",
        P.tensor(
          shape: [Int](repeating: 1, count: 9),
          strides: [Int](
            repeating: 1, count: 9))
      ),
      ("other parts", P.tensor(shape: [Int](repeating: 1, count: 65), strides: [1])),
      ("has 16 bytes", P.tensor(P.storage(count: 5))),
      ("outside that", P.tensor(P.storage(count: -1))),
      ("has 16 bytes", P.tensor(P.storage("DoubleStorage"))),
      ("a storage of", P.tensor(P.storage("DoubleStorage", count: huge))),
      ("bytesMax", P.tensor(P.storage(count: huge / 4))),
      ("lacks the storage", P.tensor(P.storage(key: "1"))),
      ("lacks the storage", P.tensor(P.storage(key: "../data.pkl"))),
    ]
    for (reason, tensor) in wrong {
      let text = message(P.dictionary(["w": tensor]))
      #expect(text.contains(reason), "\(reason): \(text)")
    }
    // An offset into an empty tensor is of no consequence.
    let empty = P.tensor(offset: huge, shape: [0])
    #expect(try read(P.pickle(P.dictionary(["w": empty]))).tensors["w"]?.values == [])
  }

  @Test func namesAreChecked() throws {
    #expect(message(P.dictionary(["w": P.tensor(), "w": P.tensor()])).contains("named twice"))
    #expect(message(P.dictionary(["": P.tensor()])).contains("no name"))
    #expect(message([0x7D, 0x4E] + P.tensor() + [0x73]).contains("no name"))
    #expect(message(P.dictionary(["x": P.integer(1)])).contains("no dictionary of tensors"))
    #expect(message(P.tensor()).contains("no dictionary of tensors"))
    // Different keys that read the same.
    let alike = P.dictionary(["a": P.dictionary(["b": state]), "a.b": state])
    #expect(try read(P.pickle(alike)).states.map(\.name) == ["a.b", "a.b#2"])
  }

  @Test func everyLimitOnBothSides() throws {
    let pickle = P.pickle(P.dictionary(["ab": P.dictionary(["w": P.tensor(), "v": P.tensor()])]))
    let bytes = P.checkpoint(pickle)
    var steps = 0
    while (try? read(pickle, limits: WeightLimits(pickleStepsMax: steps))) == nil { steps += 1 }
    let exact = WeightLimits(
      bytesMax: bytes.count, headerBytesMax: pickle.count, tensorsMax: 2, elementsMax: 8,
      dimensionsMax: 1, nameBytesMax: 2, pickleStepsMax: steps)
    #expect(try read(pickle, limits: exact).tensors.count == 2)
    for (name, path) in [
      ("bytesMax", \WeightLimits.bytesMax), ("headerBytesMax", \.headerBytesMax),
      ("tensorsMax", \.tensorsMax), ("elementsMax", \.elementsMax),
      ("dimensionsMax", \.dimensionsMax), ("nameBytesMax", \.nameBytesMax),
      ("pickleStepsMax", \.pickleStepsMax),
    ] {
      var less = exact
      less[keyPath: path] -= 1
      let error = refusal { _ = try read(pickle, limits: less) }
      #expect(
        refusal { _ = try WeightFormats.summary(of: MemoryBytes(bytes), limits: less) } == error)
      guard case .limit(name, _, let value, let limit) = error else {
        Issue.record("\(name): \(String(describing: error))")
        continue
      }
      #expect(value > limit)
    }
  }

  @Test func bytesBehindTheEndAreRefused() throws {
    #expect(throws: WeightFormatError.self) { try read(P.pickle(state) + [0]) }
    let legacy = try WeightFixture("legacy.pt").bytes()
    #expect(throws: WeightFormatError.self) { try WeightFormats.read(MemoryBytes(legacy + [0])) }
  }
}
