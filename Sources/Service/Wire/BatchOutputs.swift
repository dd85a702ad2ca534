import Documents
import HTTP
import HTTPTypes
import Jobs
import SignalFormats
import Storage
import Synchronization
import WeightFormats

/// What the inversions of a batch found, one row an inversion.
///
/// Of inversions that did not succeed there is no row, and `indices` tells whose the rows are; only
/// npy, which has no place for that, has a row for every one, of NaN where nothing was found.
struct BatchOutputs {
  enum Kind: String {
    case latents
    case reconstructions

    /// The name of the output of each job.
    var output: String {
      switch self {
      case .latents: "latent"
      case .reconstructions: "reconstruction"
      }
    }
  }

  /// Rows that are read at once.
  private static let rowsRead = 64

  private let kind: Kind
  private let batch: JobBatch
  private let jobs: SQLiteJobStore
  private let indices: [Int]
  private let shape: [Int]
  private let range: ClosedRange<Float>?

  /// - Parameter shape: of one output; where it is not known, or no longer, a row is flat.
  /// - Throws: `Problem` 404 when no inversion of the batch succeeded.
  init(
    _ kind: Kind, of batch: JobBatch, jobs: SQLiteJobStore, shape: [Int]?,
    range: ClosedRange<Float>?
  ) throws {
    indices = try jobs.batchIndices(batch.id, withOutput: kind.output)
    guard let first = indices.first,
      let row = try jobs.batchOutputs(batch.id, named: kind.output, at: first...first).first
    else {
      throw Problem(
        .notFound, "no_result",
        "None of the batch's \(batch.count) inversions succeeded; there are no \(kind.rawValue).")
    }
    let width = row.bytes.count / 4
    self.kind = kind
    self.batch = batch
    self.jobs = jobs
    self.shape = shape.flatMap { $0.reduce(1, *) == width ? $0 : nil } ?? [width]
    self.range = range
  }

  private var rowBytes: Int { 4 * shape.reduce(1, *) }

  func response(_ representation: SignalRepresentation, limits: ServiceLimits) throws -> Response {
    switch representation {
    case .npy: return npy()
    case .safetensors: return safetensors()
    case .json:
      try check(indices.count * rowBytes / 4, limits.sampleValuesMax, "numbers")
      var object = JSONObjectWriter()
      object.add("shape", JSONValue([indices.count] + shape))
      object.add("indices", JSONValue(indices))
      object.add(
        "outputs", text: SignalRepresentation.rows(try values(), count: indices.count))
      return .json(.ok, object.finish(), fields: [.vary: "Accept"])
    case .png:
      try check(indices.count, limits.samplesCountMax, "pictures")
      return try representation.response(
        try values(), name: kind.rawValue, count: indices.count, shape: shape, range: range,
        isList: true)
    }
  }

  private func check(_ count: Int, _ most: Int, _ what: String) throws(Problem) {
    guard count <= most else {
      throw Problem(
        .unprocessableContent, "too_many_outputs",
        "The batch has \(count) \(what); at most \(most) are given like this. Ask for npy or "
          + "safetensors, or for its inversions one by one.")
    }
  }

  private func values() throws -> [Float] {
    var values: [Float] = []
    values.reserveCapacity(indices.count * rowBytes / 4)
    try rows(0...batch.count - 1) { values += StoredNumbers.values($0.bytes) }
    return values
  }

  private func rows(
    _ places: ClosedRange<Int>, _ take: ((index: Int, bytes: [UInt8])) -> Void
  ) throws {
    for row in try jobs.batchOutputs(batch.id, named: kind.output, at: places) {
      guard row.bytes.count == rowBytes else {
        throw StorageError.corrupt(detail: "outputs of one batch differ in size")
      }
      take(row)
    }
  }

  private func npy() -> Response {
    let head = NPY.header(shape: [batch.count] + shape)
    let missing = StoredNumbers.bytes([Float](repeating: .nan, count: rowBytes / 4))
    return stream("application/x-npy", head, byteCount: batch.count * rowBytes) { places in
      var next = places.lowerBound
      var bytes: [UInt8] = []
      try rows(places) { row in
        while next < row.index {
          bytes += missing
          next += 1
        }
        bytes += row.bytes
        next += 1
      }
      while next <= places.upperBound {
        bytes += missing
        next += 1
      }
      return bytes
    }
  }

  /// A tensor of the outputs and one of the indices [huggingface/safetensors, README "Format"].
  private func safetensors() -> Response {
    var head = Safetensors.head([
      (name: "indices", type: .int64, shape: [indices.count]),
      (name: kind.rawValue, type: .float32, shape: [indices.count] + shape),
    ])
    for index in indices {
      withUnsafeBytes(of: Int64(index).littleEndian) { head.append(contentsOf: $0) }
    }
    return stream("application/x-safetensors", head, byteCount: indices.count * rowBytes) {
      places in
      var bytes: [UInt8] = []
      try rows(places) { bytes += $0.bytes }
      return bytes
    }
  }

  /// A body that is read as it is sent.
  ///
  /// - Parameter byteCount: of what follows the head.
  private func stream(
    _ mediaType: String, _ head: [UInt8], byteCount: Int,
    _ piece: @escaping @Sendable (ClosedRange<Int>) throws -> [UInt8]
  ) -> Response {
    let position = Mutex(-1)
    let count = batch.count
    let producer = BodyProducer {
      try position.withLock { at in
        if at < 0 {
          at = 0
          return head
        }
        while at < count {
          let end = min(at + Self.rowsRead, count)
          let bytes = try piece(at...end - 1)
          at = end
          if !bytes.isEmpty { return bytes }
        }
        return nil
      }
    }
    return Response(
      .ok, fields: [.vary: "Accept", .contentType: mediaType],
      body: .stream(byteCount: head.count + byteCount, producer))
  }
}
