/// What an inversion has computed so far: the outcomes of its expensive pieces in their order, and the
/// state of the one under way.
///
/// A search is deterministic in its seed. Begun again with a record it reads what is there and
/// computes the rest, and so comes to the same bits, whatever variables it keeps.
public struct SolveRecord: Sendable {
  /// Grows whenever what is written means something else.
  static let format: UInt64 = 1
  private static let mark: UInt64 = 0x7470_6b63_6572_7003

  /// Of the problem, solver and seed.
  private let identity: UInt64
  /// Spent on solving.
  public internal(set) var seconds = 0.0
  var history = SearchHistory()
  var finished: [Piece] = []
  var current: Piece?

  /// One piece of the work: what it was, and what came of it or where it stands.
  struct Piece: Sendable {
    var name: String
    var contents: [UInt8]
  }

  /// Nothing yet.
  ///
  /// - Parameter identity: everything that the result depends on.
  public init(identity: [[UInt8]]) {
    self.identity = Fingerprint(of: identity).value
  }

  /// What a checkpoint holds.
  ///
  /// - Throws: ``CheckpointError`` where the bytes are damaged, or not of the same work.
  public init(checkpoint bytes: [UInt8], identity: [[UInt8]]) throws(CheckpointError) {
    self.init(identity: identity)
    var end = CheckpointReader(Array(bytes.suffix(8)))
    guard bytes.count >= 32, try end.readBits() == Fingerprint(of: bytes.dropLast(8)).value else {
      throw .malformed("its check sum is wrong")
    }
    var reader = CheckpointReader(Array(bytes.dropLast(8)))
    guard try reader.readBits() == Self.mark else { throw .malformed("it is no checkpoint") }
    let format: UInt64 = try reader.readBits()
    guard format == Self.format else { throw .otherFormat(format) }
    guard try reader.readBits() == self.identity else { throw .foreign }
    seconds = try reader.read()
    guard seconds.isFinite, seconds >= 0 else { throw .malformed("\(seconds) seconds") }
    history = try reader.read()
    finished = try reader.read()
    current = try reader.read()
    try reader.requireEnd()
  }

  /// The checkpoint.
  public var bytes: [UInt8] {
    var writer = CheckpointWriter()
    writer.write(bits: Self.mark)
    writer.write(bits: Self.format)
    writer.write(bits: identity)
    writer.write(seconds)
    writer.write(history)
    writer.write(finished)
    writer.write(current)
    writer.write(bits: Fingerprint(of: writer.bytes).value)
    return writer.bytes
  }

  var isEmpty: Bool { finished.isEmpty && current == nil }

  /// Iterations of all restarts together.
  public var iteration: Int { history.iterations }
}

extension SolveRecord.Piece: Checkpointable {
  init(from reader: inout CheckpointReader) throws(CheckpointError) {
    name = try reader.read()
    contents = try reader.readBytes()
  }

  func write(to writer: inout CheckpointWriter) {
    writer.write(name)
    writer.write(bytes: contents)
  }
}
