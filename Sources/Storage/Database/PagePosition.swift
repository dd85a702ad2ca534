// Where the next page of a list begins, as a token that clients carry but cannot misuse.

import Foundation
import Jobs

/// The last item of a page. Both numbers never change once an item is stored, so what is added or
/// finished between two pages moves nothing.
struct PagePosition: Equatable {
  var createdAt: Int64
  var sequence: Int64

  /// Why a token is not a position in this list.
  struct Refusal: Error {
    var reason: String
  }

  /// Base64url of the position and a digest of the filters it belongs to.
  func token(filters: String) -> String {
    var bytes: [UInt8] = []
    for number in [createdAt, sequence] {
      withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0) }
    }
    bytes.append(contentsOf: PagePosition.digest(of: filters))
    return Data(bytes).base64EncodedString()
      .replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
  }

  init(createdAt: Int64, sequence: Int64) {
    self.createdAt = createdAt
    self.sequence = sequence
  }

  init(token: String, filters: String) throws(Refusal) {
    let base64 = token.replacing("-", with: "+").replacing("_", with: "/")
    guard token.utf8.count == 32, let bytes = Data(base64Encoded: base64), bytes.count == 24 else {
      throw Refusal(reason: "it is not one that a list gave")
    }
    guard bytes.dropFirst(16).elementsEqual(PagePosition.digest(of: filters)) else {
      throw Refusal(reason: "it belongs to a list with other filters")
    }
    func number(at offset: Int) -> Int64 {
      bytes.dropFirst(offset).prefix(8).reduce(0) { $0 << 8 | Int64($1) }
    }
    self.init(createdAt: number(at: 0), sequence: number(at: 8))
  }

  private static func digest(of filters: String) -> ArraySlice<UInt8> {
    ContentDigest(hashing: Array(filters.utf8)).bytes.prefix(8)
  }
}

extension PageRequest {
  /// What tokens look like: base64url of 24 bytes.
  public static let tokenPattern = "^[A-Za-z0-9_-]{32}$"

  /// Whether a text looks like a token; whether it is one is for the list to say.
  public static func isToken(_ text: String) -> Bool {
    text.utf8.count == 32
      && text.utf8.allSatisfy { byte in
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x5F, 0x2D: true
        default: false
        }
      }
  }

  var hasValidSize: Bool { PageRequest.sizes.contains(size) }
}
