import Foundation
import HTTP
import HTTPTypes
import Synchronization

/// How many requests a client may send: a bucket of tokens that fills at a steady rate.
package final class RateQuota: Sendable {
  /// How a client stands after a request was counted.
  package struct Standing: Sendable, Equatable {
    /// Requests that may come at once.
    package var remaining: Int
    /// Seconds until the bucket is full again.
    package var resetSeconds: Int
    /// Seconds until the next request is taken; `nil` when this one was.
    package var retryAfterSeconds: Int?
  }

  private struct Bucket {
    var tokens: Double
    var filledAt: Date
  }

  private let perSecond: Double
  private let burst: Int
  private let buckets = Mutex<[String: Bucket]>([:])

  /// Buckets that are kept at once; with more, all begin anew.
  private static let bucketsMax = 65_536

  /// - Returns: `nil` when there is no limit.
  /// - Parameters:
  ///   - perSecond: requests a second in the long run; 0 for no limit.
  ///   - burst: requests that may come at once, 1 or more.
  package init?(perSecond: Double, burst: Int) {
    guard perSecond > 0 else { return nil }
    self.perSecond = perSecond
    self.burst = max(burst, 1)
  }

  /// `RateLimit-Policy` [draft-ietf-httpapi-ratelimit-headers]: as many in the time that an empty
  /// bucket needs to fill.
  package var policy: String {
    "\"requests\";q=\(burst);w=\(Int((Double(burst) / perSecond).rounded(.up)))"
  }

  /// Counts a request of the client's.
  package func take(_ client: String, now: Date) -> Standing {
    standing(of: client, taking: 1, now: now)
  }

  /// How the client stands, with nothing counted.
  package func look(_ client: String, now: Date) -> Standing {
    standing(of: client, taking: 0, now: now)
  }

  private func standing(of client: String, taking count: Double, now: Date) -> Standing {
    buckets.withLock { buckets in
      var bucket = buckets[client] ?? Bucket(tokens: Double(burst), filledAt: now)
      let elapsed = max(now.timeIntervalSince(bucket.filledAt), 0)
      bucket.tokens = min(bucket.tokens + elapsed * perSecond, Double(burst))
      bucket.filledAt = now
      let isTaken = bucket.tokens >= 1
      if isTaken { bucket.tokens -= count }
      if buckets.count >= Self.bucketsMax, buckets[client] == nil { buckets.removeAll() }
      if count > 0 || buckets[client] != nil { buckets[client] = bucket }
      func seconds(to tokens: Double) -> Int {
        Int(min(max((tokens - bucket.tokens) / perSecond, 0), 1e9).rounded(.up))
      }
      return Standing(
        remaining: Int(bucket.tokens), resetSeconds: seconds(to: Double(burst)),
        retryAfterSeconds: isTaken ? nil : max(seconds(to: 1), 1))
    }
  }
}

extension RateQuota.Standing {
  /// `RateLimit`.
  package var field: String { "\"requests\";r=\(remaining);t=\(resetSeconds)" }
}

extension HTTPFailure {
  static func tooManyRequests(retryAfterSeconds: Int) -> HTTPFailure {
    HTTPFailure(
      .tooManyRequests, "rate_limited",
      "The client sends more requests than its quota allows; try again in "
        + "\(retryAfterSeconds) s.", fields: [.retryAfter: String(retryAfterSeconds)])
  }
}

extension HTTPField.Name {
  static let rateLimit = Self("RateLimit")!
  static let rateLimitPolicy = Self("RateLimit-Policy")!
}
