import LinearAlgebra

/// What can be put into a checkpoint and taken out again, to the same bits.
public protocol Checkpointable {
  /// - Throws: ``CheckpointError`` where the bytes are no such value, or one that would not hold
  ///   together.
  init(from reader: inout CheckpointReader) throws(CheckpointError)
  func write(to writer: inout CheckpointWriter)
}

extension Int: Checkpointable {
  public init(from reader: inout CheckpointReader) throws(CheckpointError) {
    let bits: UInt64 = try reader.readBits()
    self.init(truncatingIfNeeded: bits)
  }

  public func write(to writer: inout CheckpointWriter) {
    writer.write(bits: UInt64(truncatingIfNeeded: self))
  }
}

extension Float: Checkpointable {
  public init(from reader: inout CheckpointReader) throws(CheckpointError) {
    self.init(bitPattern: try reader.readBits())
  }

  public func write(to writer: inout CheckpointWriter) { writer.write(bits: bitPattern) }
}

extension Double: Checkpointable {
  public init(from reader: inout CheckpointReader) throws(CheckpointError) {
    self.init(bitPattern: try reader.readBits())
  }

  public func write(to writer: inout CheckpointWriter) { writer.write(bits: bitPattern) }
}

extension Bool: Checkpointable {
  public init(from reader: inout CheckpointReader) throws(CheckpointError) {
    let byte: UInt8 = try reader.readBits()
    guard byte <= 1 else { throw .malformed("\(byte) is neither true nor false") }
    self = byte == 1
  }

  public func write(to writer: inout CheckpointWriter) { writer.write(bits: self ? 1 as UInt8 : 0) }
}

extension String: Checkpointable {
  public init(from reader: inout CheckpointReader) throws(CheckpointError) {
    self.init(decoding: try reader.readBytes(), as: UTF8.self)
  }

  public func write(to writer: inout CheckpointWriter) { writer.write(bytes: Array(utf8)) }
}

extension Optional: Checkpointable where Wrapped: Checkpointable {
  public init(from reader: inout CheckpointReader) throws(CheckpointError) {
    guard try Bool(from: &reader) else {
      self = nil
      return
    }
    self = .some(try Wrapped(from: &reader))
  }

  public func write(to writer: inout CheckpointWriter) {
    writer.write(self != nil)
    if let self { writer.write(self) }
  }
}

extension Result: Checkpointable where Success: Checkpointable, Failure: Checkpointable {
  public init(from reader: inout CheckpointReader) throws(CheckpointError) {
    if try Bool(from: &reader) {
      self = .success(try Success(from: &reader))
    } else {
      self = .failure(try Failure(from: &reader))
    }
  }

  public func write(to writer: inout CheckpointWriter) {
    switch self {
    case .success(let value):
      writer.write(true)
      writer.write(value)
    case .failure(let error):
      writer.write(false)
      writer.write(error)
    }
  }
}

extension Array: Checkpointable where Element: Checkpointable {
  public init(from reader: inout CheckpointReader) throws(CheckpointError) {
    let count = try reader.readCount()
    self = []
    reserveCapacity(count)
    for _ in 0..<count { append(try reader.read()) }
  }

  public func write(to writer: inout CheckpointWriter) {
    writer.write(count)
    for element in self { writer.write(element) }
  }
}

extension Batch: Checkpointable {
  public init(from reader: inout CheckpointReader) throws(CheckpointError) {
    let count: Int = try reader.read()
    let width: Int = try reader.read()
    let values: [Float] = try reader.read()
    let (product, overflows) = count.multipliedReportingOverflow(by: width)
    guard count >= 0, width >= 0, !overflows, values.count == product else {
      throw .malformed("\(values.count) numbers are not \(count) rows of \(width)")
    }
    self.init(count: count, width: width, values: values)
  }

  public func write(to writer: inout CheckpointWriter) {
    writer.write(count)
    writer.write(width)
    writer.write(values)
  }
}

extension Termination: Checkpointable {
  public init(from reader: inout CheckpointReader) throws(CheckpointError) {
    let name: String = try reader.read()
    guard let known = Termination(rawValue: name) else {
      throw .malformed("\"\(name.prefix(64))\" is no termination")
    }
    self = known
  }

  public func write(to writer: inout CheckpointWriter) { writer.write(rawValue) }
}

extension SolverRows: Checkpointable {
  public init(from reader: inout CheckpointReader) throws(CheckpointError) {
    let latents: Batch = try reader.read()
    let losses: [Double] = try reader.read()
    let ended: [Termination?] = try reader.read()
    guard losses.count == latents.count, ended.count == latents.count else {
      throw .malformed("\(losses.count) losses of \(latents.count) latents")
    }
    self.init(latents: latents, losses: losses, forwardEquivalents: try reader.read())
    terminations = ended
  }

  public func write(to writer: inout CheckpointWriter) {
    writer.write(latents)
    writer.write(losses)
    writer.write(terminations)
    writer.write(forwardEquivalents)
  }
}
