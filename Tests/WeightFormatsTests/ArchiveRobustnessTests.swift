import Documents
import Networks
import Testing
import WeightFormats

/// Damaged NumPy files and checkpoints are read or refused, and never more than that.
@Suite struct ArchiveRobustnessTests {
  static let names = [
    "flat.pt", "flat-protocol5.pt", "repacked.pt", "nested.pt", "views.pt", "legacy.pt",
    "legacy-views.pt", "legacy-protocol4.pt", "plain.npz", "deflated.npz", "varied.npz",
    "generator.npz", "generator-member.npz", "version1.npy", "version3.npy",
  ]

  @Test(arguments: names)
  func everyTruncationIsRefused(name: String) throws {
    let bytes = try WeightFixture(name).bytes()
    for count in bytes.indices {
      let source = MemoryBytes(Array(bytes[..<count]))
      #expect(throws: WeightFormatError.self, "\(count)") { try WeightFormats.read(source) }
      #expect(throws: WeightFormatError.self, "\(count)") { try WeightFormats.summary(of: source) }
    }
  }

  @Test(arguments: names)
  func randomDamageIsSurvived(name: String) throws {
    let original = try WeightFixture(name).bytes()
    // Damage must not ask for much either: no limit here is larger than the fixtures need.
    let limits = WeightLimits(elementsMax: 10_000, pickleStepsMax: 10_000)
    let architecture = try #require(
      try WeightFixture("generator.npz").read().architecture)
    var random = SeededGenerator(seed: UInt64(name.utf8.count))
    var accepted = 0
    for _ in 0..<4000 {
      var copy = original
      for _ in 0...random.next() % 3 {
        let place = Int.random(in: copy.indices, using: &random)
        switch random.next() % 8 {
        case 0: copy.remove(at: place)
        case 1: copy.insert(UInt8.random(in: 0...255, using: &random), at: place)
        case 2: copy[place] = 0xFF
        case 3: copy[place] ^= 1 << (random.next() % 8)
        default: copy[place] = UInt8.random(in: 0...255, using: &random)
        }
      }
      let source = MemoryBytes(copy)
      if let file = try? WeightFormats.read(source, limits: limits) {
        accepted += 1
        #expect(
          file.states.allSatisfy {
            $0.tensors.values.allSatisfy { $0.values.allSatisfy(\.isFinite) }
          })
      }
      _ = try? WeightFormats.summary(of: source, limits: limits)
      _ = try? WeightFormats.generator(in: source, architecture: architecture, limits: limits)
    }
    // A test in which nothing is ever read would not get far into the readers.
    #expect(accepted > 0)
  }

  /// Pickles are read before any checksum could refuse them, so they are damaged on their own too.
  @Test func damagedPicklesAreSurvived() throws {
    typealias P = PickleWriter
    let states = P.dictionary([
      "a": P.dictionary(["w": P.tensor(), "v": P.tensor(shape: [2, 2], strides: [1, 2])])
    ])
    let pickle = P.pickle(states)
    var random = SeededGenerator(seed: 7)
    for _ in 0..<20_000 {
      var copy = pickle
      for _ in 0...random.next() % 3 {
        let place = Int.random(in: copy.indices, using: &random)
        switch random.next() % 4 {
        case 0: copy.remove(at: place)
        case 1: copy.insert(UInt8.random(in: 0...255, using: &random), at: place)
        default: copy[place] = UInt8.random(in: 0...255, using: &random)
        }
      }
      _ = try? WeightFormats.read(
        MemoryBytes(P.checkpoint(copy)), limits: WeightLimits(elementsMax: 10_000))
    }
    for count in pickle.indices {
      let source = MemoryBytes(P.checkpoint(Array(pickle[..<count])))
      #expect(throws: WeightFormatError.self, "\(count)") { try WeightFormats.read(source) }
    }
  }

  @Test func eachFormatKnowsItsOwn() throws {
    for name in Self.names {
      let head = Array(try WeightFixture(name).bytes().prefix(WeightFormats.headBytes))
      let found = WeightFormats.all.filter { $0.recognises(head: head, byteCount: 10_000) }
      let expected = name.hasSuffix(".pt") ? "pytorch" : name.hasSuffix(".npy") ? "npy" : "npz"
      #expect(found.map(\.name) == [expected], "\(name)")
    }
  }
}
