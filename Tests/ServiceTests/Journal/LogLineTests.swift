import Documents
import Foundation
import Logging
import Service
import Synchronization
import Testing

/// How lines are written, and what happens when nobody reads them.
struct LogLineTests {
  private static let line = LogLine(
    Date(timeIntervalSince1970: 0), .info, "a message",
    [
      ("plain", .text("word")), ("text", .text("two \"words\"\n\u{1B}[31m\u{85}")),
      ("empty", .text("")), ("count", .count(-3)), ("number", .number(0.25)),
    ])

  @Test func aJSONLineIsOneObject() throws {
    let bytes = Self.line.bytes(.json)
    #expect(bytes.last == 10 && bytes.count { $0 == 10 } == 1)
    let value = try JSONParser().parse(Array(bytes.dropLast()))
    #expect(value["time"] == "1970-01-01T00:00:00.000Z" && value["level"] == "info")
    #expect(value["message"] == "a message" && value["plain"] == "word")
    #expect(value["text"]?.string == "two \"words\"\n\u{1B}[31m\u{85}")
    #expect(value["count"] == -3 && value["number"] == 0.25)
  }

  @Test func aTextLineIsOneLineThatColoursNothing() {
    let text = String(decoding: Self.line.bytes(.text), as: UTF8.self)
    #expect(
      text == "1970-01-01T00:00:00.000Z info a message plain=word "
        + "text=\"two \\\"words\\\"\\n\\u{1B}[31m\\u{0085}\" empty=\"\" count=-3 number=0.25\n")
  }

  @Test func linesThatNobodyReadsAreCountedAndLeftOut() {
    let gate = DispatchSemaphore(value: 0)
    let entered = DispatchSemaphore(value: 0)
    let written = Mutex("")
    let sink = LogSink(format: .text, waitingMax: 2) { bytes in
      entered.signal()
      gate.wait()
      written.withLock { $0 += String(decoding: bytes, as: UTF8.self) }
    }
    func add(_ name: String) {
      sink.add(LogLine(Date(timeIntervalSince1970: 0), .info, name, []))
    }
    add("first")
    entered.wait()
    // The reader is busy with the first: two may wait, the others may not.
    for name in ["second", "third", "fourth", "fifth"] { add(name) }
    #expect(sink.leftOutCount == 2)
    gate.signal()
    gate.signal()
    sink.flush()
    let text = written.withLock { $0 }
    for name in ["first", "second", "third"] { #expect(text.contains(" \(name)\n")) }
    #expect(!text.contains("fourth") && !text.contains("fifth"))
    #expect(text.contains("lines were left out of the log count=2\n"))
  }

  @Test func messagesOfTheLoggerAreLinesToo() throws {
    let written = Mutex<[UInt8]>([])
    let sink = LogSink(format: .json) { bytes in written.withLock { $0 += bytes } }
    var logger = Logger(label: "test") { _ in SinkLogHandler(sink) }
    logger[metadataKey: "of"] = "all"
    logger.warning("careful", metadata: ["because": "reasons"])
    logger.debug("not wanted")
    sink.flush()
    let bytes = written.withLock { $0 }
    let value = try JSONParser().parse(Array(bytes.dropLast()))
    #expect(value["message"] == "careful" && value["level"] == "warning")
    #expect(value["of"] == "all" && value["because"] == "reasons")
  }
}
