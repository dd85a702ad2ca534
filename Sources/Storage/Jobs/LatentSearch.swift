// Which past results lie nearest to a given latent code.

import Foundation
import GRDB
import Jobs

/// A past job and how far its latent is from the one that was asked for.
public struct NearJob: Sendable {
  public var job: Job
  /// Euclidean, zero or more.
  public var distance: Double
}

extension SQLiteJobStore {
  /// How many neighbours may be asked for.
  public static let nearestLimits = 1...1000

  /// The succeeded jobs whose latents lie nearest, nearest first; of equals the older first.
  ///
  /// Latents of another length are passed over, and so are those with numbers that are not finite.
  ///
  /// - Parameters:
  ///   - client: whose jobs are searched; `nil` searches everybody's.
  ///   - subject: the generator's id; `nil` searches all of them.
  ///   - limit: how many at most, in `nearestLimits`; `pageSizeInvalid` otherwise.
  public func nearestLatents(
    client: String? = nil, subject: String?, to latent: [Float], limit: Int
  ) throws(JobStoreError) -> [NearJob] {
    guard Self.nearestLimits.contains(limit) else { throw .pageSizeInvalid(size: limit) }
    do {
      let found = try nearest(client: client, subject: subject, to: latent, limit: limit)
      return try database.withReader { db in
        // One that was deleted meanwhile is no neighbour any more.
        try found.compactMap { candidate in
          try JobRow.find(sequence: candidate.sequence, db).map {
            NearJob(job: $0, distance: Double(candidate.squaredDistance).squareRoot())
          }
        }
      }
    } catch {
      throw JobStoreError(sorting: error)
    }
  }

  /// A search looks at every latent: it has a connection of its own, without anything between.
  private func nearest(
    client: String?, subject: String?, to latent: [Float], limit: Int
  ) throws -> [(squaredDistance: Float, sequence: Int64)] {
    var nearest = LatentSearch(target: latent, limit: limit)
    var conditions: [String] = []
    var parameters: [DirectStatement.Parameter] = []
    for case (let column, let value?) in [("subject", subject), ("client", client)] {
      conditions.append("\(column) = ?")
      parameters.append(.text(value))
    }
    let filter = conditions.isEmpty ? "" : " WHERE " + conditions.joined(separator: " AND ")
    let connection = try DirectConnection(path: database.path)
    let statement = try connection.prepare("SELECT seq, bytes FROM job_latents\(filter)")
    let isAnswered = statement.read(parameters) { row in
      if let sequence = row.integer(0) {
        row.withBytes(1) { nearest.consider($0, sequence) }
      }
      return true
    }
    guard isAnswered else { throw StorageError.busy(detail: "the latents could not be read") }
    return nearest.found
  }
}

/// Keeps the nearest of the latents it is shown.
struct LatentSearch {
  /// The output that is searched: raw float32, little endian.
  static let outputName = "latent"
  /// Longer ones are stored but not searched.
  static let latentBytesMax = 256 << 10

  private let target: [Float]
  private let limit: Int
  /// Nearest first.
  private(set) var found: [(squaredDistance: Float, sequence: Int64)] = []

  init(target: [Float], limit: Int) {
    self.target = target
    self.limit = limit
  }

  static func isSearchable(_ latent: [UInt8]) -> Bool {
    !latent.isEmpty && latent.count % 4 == 0 && latent.count <= latentBytesMax
  }

  mutating func consider(_ latent: UnsafeRawBufferPointer, _ sequence: Int64) {
    guard latent.count == 4 * target.count else { return }
    let distance = squaredDistance(to: latent)
    let bound = found.count < limit ? Float.infinity : found[found.count - 1].squaredDistance
    // False for NaN as well.
    guard distance < bound else { return }
    var index = found.count
    while index > 0, found[index - 1].squaredDistance > distance { index -= 1 }
    found.insert((distance, sequence), at: index)
    if found.count > limit { found.removeLast() }
  }

  /// Sum of (a_i - b_i)^2. Eight sums side by side: one alone does not vectorise.
  private func squaredDistance(to latent: UnsafeRawBufferPointer) -> Float {
    target.withUnsafeBytes { target in
      var sums = SIMD8<Float>.zero
      var offset = 0
      while offset &+ 32 <= target.count {
        let difference =
          target.loadUnaligned(fromByteOffset: offset, as: SIMD8<Float>.self)
          - latent.loadUnaligned(fromByteOffset: offset, as: SIMD8<Float>.self)
        sums += difference * difference
        offset &+= 32
      }
      var sum = sums.sum()
      while offset < target.count {
        let difference =
          target.loadUnaligned(fromByteOffset: offset, as: Float.self)
          - latent.loadUnaligned(fromByteOffset: offset, as: Float.self)
        sum += difference * difference
        offset &+= 4
      }
      return sum
    }
  }
}
