import HTTP
import HTTPTypes
import Testing

/// The decoded data and how much was taken, or the refusal.
private func decode(_ pieces: [[UInt8]], limits: ServerLimits = ServerLimits()) -> String {
  var decoder = ChunkedDecoder(limits: limits)
  var data: [UInt8] = []
  var taken = 0
  do throws(HTTPFailure) {
    for piece in pieces {
      var rest = 0..<piece.count
      reading: while true {
        switch try decoder.next(piece, &rest) {
        case .needsMore: break reading
        case .data(let range): data += piece[range]
        case .finished:
          return "\(String(decoding: data, as: UTF8.self)) \(taken + rest.lowerBound)"
        }
      }
      taken += piece.count
    }
  } catch {
    return "\(error.status.code)"
  }
  return "incomplete"
}

private let accepted: [(String, String)] = [
  ("0\r\n\r\n", ""),
  ("5\r\nhello\r\n0\r\n\r\n", "hello"),
  ("A\r\n0123456789\r\n0\r\n\r\n", "0123456789"),
  ("a\r\n0123456789\r\n00\r\n\r\n", "0123456789"), ("5\r\nhello\r\n1\r\n!\r\n0\r\n\r\n", "hello!"),
  ("5;a=b\r\nhello\r\n0\r\n\r\n", "hello"), ("5;a\r\nhello\r\n0;b\r\n\r\n", "hello"),
  ("5 ; a = \"b;\\\"\" ;c\r\nhello\r\n0\r\n\r\n", "hello"),
  ("000000000000005\r\nhello\r\n0\r\n\r\n", "hello"),
  ("0\r\nX: y\r\n\r\n", ""), ("0\r\nX:\r\nContent-Length: 5\r\n\r\n", ""),
  ("0\r\nX:GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n", ""),
]

private let refused = [
  "+5\r\n", "-5\r\n", "\r\n", " 5\r\n", "5 \r\n", "5\t\r\n", "5G\r\n", "0x5\r\n", "5\rX", "5\n",
  "7fffffffffffffff\r\n", "0000000000000005\r\n", "ffffffffffffffffffff\r\n", "5\r\nhello\n",
  "5\r\nhelloX", "5\r\nhello\rX", "5\r\nhello!", "0\r\n\n", "0\n", "5;a\rb", "5;a\nb", "5;a\0",
  "5;\r\n", "5;=\r\n", "5;a=\r\n", "5;a=\"b\r\n", "5;a=\"b\"c", "5;a b\r\n", "5;a \r\n", "5,a\r\n",
  "5;a=b=c\r\n", "0\r\nbad\r\n", "0\r\n X: y\r\n", "0\r\nX : y\r\n", "0\r\nX: y\n",
  "0\r\nX: a\0\r\n",
  "0\r\n: y\r\n", "0\r\nX: y\r\n z\r\n", "0\r\n\rX", ";a\r\n", "\u{661}\r\n", "5;\u{e9}\r\n",
]

@Suite struct ChunkedDecoderTests {
  private func expectEverywhere(_ text: String, _ expected: String) {
    let all = Array(text.utf8)
    #expect(decode([all]) == expected, "\(text.debugDescription)")
    #expect(decode(all.map { [$0] }) == expected, "byte by byte: \(text.debugDescription)")
    for split in 1..<all.count {
      #expect(
        decode([Array(all[..<split]), Array(all[split...])]) == expected,
        "split at \(split): \(text.debugDescription)")
    }
  }

  @Test(arguments: accepted) func accepts(_ text: String, _ data: String) {
    expectEverywhere(text, "\(data) \(text.utf8.count)")
    // What follows belongs to the next request.
    #expect(decode([Array((text + "GET /").utf8)]) == "\(data) \(text.utf8.count)")
  }

  @Test(arguments: refused) func refuses(_ text: String) {
    expectEverywhere(text, "400")
  }

  @Test func keepsEveryLimitOnBothSides() {
    var limits = ServerLimits()
    limits.chunkExtensionBytesMax = 8
    limits.trailerBytesMax = 12
    limits.trailerFieldsMax = 2
    func outcome(_ text: String) -> String { decode([Array(text.utf8)], limits: limits) }
    #expect(outcome("1;abc\r\nx\r\n0;def\r\n\r\n").hasPrefix("x "))
    #expect(outcome("1;abc\r\nx\r\n0;defgh\r\n\r\n") == "400")
    #expect(outcome("0\r\nX: 890123\r\n\r\n").hasPrefix(" "))
    #expect(outcome("0\r\nX: 890123456789\r\n\r\n") == "431")
    #expect(outcome("0\r\nA:\r\nB:\r\n\r\n").hasPrefix(" "))
    #expect(outcome("0\r\nA:\r\nB:\r\nC:\r\n\r\n") == "431")
  }

  @Test(arguments: [1, 2, 3] as [UInt64]) func undoesRandomChunking(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let data = (0..<5000).map { _ in UInt8.random(in: 97...122, using: &random) }
    var coded: [UInt8] = []
    var rest = data[...]
    while !rest.isEmpty {
      let chunk = rest.prefix(Int.random(in: 1...300, using: &random))
      coded += Array("\(String(chunk.count, radix: 16))\r\n".utf8) + chunk + Array("\r\n".utf8)
      rest = rest.dropFirst(chunk.count)
    }
    coded += Array("0\r\n\r\n".utf8)
    var pieces: [[UInt8]] = []
    var left = coded[...]
    while !left.isEmpty {
      pieces.append(Array(left.prefix(Int.random(in: 1...100, using: &random))))
      left = left.dropFirst(pieces[pieces.count - 1].count)
    }
    #expect(decode(pieces) == "\(String(decoding: data, as: UTF8.self)) \(coded.count)")
  }
}

/// SplitMix64: the same sequence for the same seed.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = (state ^ state &>> 30) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ mixed &>> 27) &* 0x94d0_49bb_1331_11eb
    return mixed ^ mixed &>> 31
  }
}
