/// Several vectors of one length, one sample a row, row-major: what every map takes and gives.
public struct Batch: Sendable, Equatable {
  /// Rows.
  public let count: Int
  /// Entries of a row.
  public let width: Int
  /// `count * width` numbers, row after row.
  public var values: [Float]

  /// `values.count` must be `count * width`.
  public init(count: Int, width: Int, values: [Float]) {
    precondition(values.count == count * width, "a batch's values must fill its rows")
    self.count = count
    self.width = width
    self.values = values
  }

  public init(zeros count: Int, width: Int) {
    self.init(count: count, width: width, values: [Float](repeating: 0, count: count * width))
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
    self.init(
      count: count, width: width,
      values: [Float](unsafeUninitializedCapacity: count * width) { buffer, filled in
        fill(UnsafeMutableBufferPointer(rebasing: buffer[0..<count * width]))
        filled = count * width
      })
  }

  /// One row as a slice of the storage.
  public subscript(row: Int) -> ArraySlice<Float> {
    values[row * width..<(row + 1) * width]
  }

  /// The named rows, in that order.
  public func rows(_ indices: [Int]) -> Batch {
    if indices.count == count, indices.elementsEqual(0..<count) { return self }
    var chosen: [Float] = []
    chosen.reserveCapacity(indices.count * width)
    for index in indices { chosen.append(contentsOf: self[index]) }
    return Batch(count: indices.count, width: width, values: chosen)
  }

  public mutating func setRow(_ row: Int, to values: some Collection<Float>) {
    precondition(values.count == width, "a row has the batch's width")
    self.values.replaceSubrange(row * width..<(row + 1) * width, with: values)
  }

  /// Every row `times` times, copies next to one another.
  public func repeatingRows(_ times: Int) -> Batch {
    if times == 1 { return self }
    var repeated: [Float] = []
    repeated.reserveCapacity(values.count * times)
    for row in 0..<count {
      for _ in 0..<times { repeated.append(contentsOf: self[row]) }
    }
    return Batch(count: count * times, width: width, values: repeated)
  }

  /// The identity matrix of the given size, once for each sample.
  public static func identities(_ size: Int, for sampleCount: Int) -> Batch {
    var batch = Batch(zeros: sampleCount * size, width: size)
    for row in 0..<sampleCount * size { batch.values[row * size + row % size] = 1 }
    return batch
  }

  public static prefix func - (batch: Batch) -> Batch {
    Batch(count: batch.count, width: batch.width, values: batch.values.map { -$0 })
  }
}
