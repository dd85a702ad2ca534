/// Several vectors of one length, one sample a row, row-major: what every map takes and gives. Its
/// memory comes from the thread's ``Workspace`` and goes back there.
public struct Batch: Sendable {
  /// Rows.
  public let count: Int
  /// Entries of a row.
  public let width: Int
  @usableFromInline var storage: BatchStorage

  /// `count * width` numbers, row after row.
  @inlinable
  public var values: [Float] {
    _read { yield storage.values }
    _modify {
      if !isKnownUniquelyReferenced(&storage) { storage = storage.copy() }
      yield &storage.values
    }
  }

  /// `values.count` must be `count * width`.
  public init(count: Int, width: Int, values: [Float]) {
    precondition(values.count == count * width, "a batch's values must fill its rows")
    self.count = count
    self.width = width
    storage = BatchStorage(values)
  }

  public init(zeros count: Int, width: Int) {
    self.init(count: count, width: width) { $0.update(repeating: 0) }
  }

  /// One sample.
  public init(row: [Float]) {
    self.init(count: 1, width: row.count, values: row)
  }

  /// Rows of equal length; `width` is needed when there may be none.
  public init(rows: [[Float]], width: Int) {
    precondition(rows.allSatisfy { $0.count == width }, "the rows of a batch have one length")
    self.init(count: rows.count, width: width, values: rows.flatMap { $0 })
  }

  /// Values that `fill` writes in full, so that they need not be zeroed first.
  public init(
    count: Int, width: Int, filledBy fill: (UnsafeMutableBufferPointer<Float>) -> Void
  ) {
    self.count = count
    self.width = width
    storage = BatchStorage(count: count * width)
    storage.values.withUnsafeMutableBufferPointer { fill($0) }
  }

  /// One row as a slice of the storage.
  public subscript(row: Int) -> ArraySlice<Float> {
    values[row * width..<(row + 1) * width]
  }

  /// The named rows, in that order.
  public func rows(_ indices: [Int]) -> Batch {
    if indices.count == count, indices.elementsEqual(0..<count) { return self }
    return Batch(count: indices.count, width: width) { chosen in
      for (place, index) in indices.enumerated() { copy(row: index, to: place, of: chosen) }
    }
  }

  private func copy(row: Int, to place: Int, of target: UnsafeMutableBufferPointer<Float>) {
    let own = UnsafeMutableBufferPointer(rebasing: target[place * width..<(place + 1) * width])
    _ = own.update(fromContentsOf: self[row])
  }

  public mutating func setRow(_ row: Int, to values: some Collection<Float>) {
    precondition(values.count == width, "a row has the batch's width")
    self.values.replaceSubrange(row * width..<(row + 1) * width, with: values)
  }

  /// Every row `times` times, copies next to one another.
  public func repeatingRows(_ times: Int) -> Batch {
    if times == 1 { return self }
    return Batch(count: count * times, width: width) { repeated in
      for place in 0..<count * times { copy(row: place / times, to: place, of: repeated) }
    }
  }

  /// The identity matrix of the given size, once for each sample.
  public static func identities(_ size: Int, for sampleCount: Int) -> Batch {
    var batch = Batch(zeros: sampleCount * size, width: size)
    for row in 0..<sampleCount * size { batch.values[row * size + row % size] = 1 }
    return batch
  }

  public static prefix func - (batch: Batch) -> Batch {
    Batch(count: batch.count, width: batch.width) { negated in
      for (place, value) in batch.values.enumerated() { negated[place] = -value }
    }
  }
}

extension Batch: Equatable {
  public static func == (a: Batch, b: Batch) -> Bool {
    a.count == b.count && a.width == b.width && a.values == b.values
  }
}

/// The numbers of a batch, shared by its copies until one of them is changed.
@usableFromInline
final class BatchStorage: @unchecked Sendable {
  // Only changed where the one reference to this is.
  @exclusivity(unchecked) @usableFromInline var values: [Float]
  private let isBorrowed: Bool

  /// Numbers whatever they are, from the thread's workspace.
  init(count: Int) {
    values = Workspace.take(count)
    isBorrowed = true
  }

  init(_ values: [Float]) {
    self.values = values
    isBorrowed = false
  }

  @usableFromInline
  func copy() -> BatchStorage {
    let copy = BatchStorage(count: values.count)
    copy.values.withUnsafeMutableBufferPointer { _ = $0.update(fromContentsOf: values) }
    return copy
  }

  deinit {
    guard isBorrowed else { return }
    var own: [Float] = []
    swap(&own, &values)
    Workspace.give(own)
  }
}
