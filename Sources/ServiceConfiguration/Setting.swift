/// One configurable value: its key, where it lies in `ServiceSettings`, and what it may be.
public struct Setting: Sendable {
  /// Where in the settings a value lies.
  typealias Place<Value> = any WritableKeyPath<ServiceSettings, Value> & Sendable

  /// Where the value lies, and the range it may take.
  enum Kind: Sendable {
    case count(Place<Int>, ClosedRange<Int>)
    case bytes(Place<Int>, ClosedRange<Int>)
    case seconds(Place<Double>, ClosedRange<Double>)
    case toggle(Place<Bool>)
    case text(Place<String>, bytesMax: Int)
    case rate(Place<Double>, ClosedRange<Double>)
    case networks(Place<[AddressRange]>)
    case word(Word)

    /// One of the words of an enumeration.
    static func choice<Value: RawRepresentable<String> & CaseIterable & Sendable>(
      _ place: Place<Value>
    ) -> Kind {
      .word(
        Word(
          known: Value.allCases.map(\.rawValue), text: { $0[keyPath: place].rawValue },
          write: { text, settings in
            Value(rawValue: text).map { settings[keyPath: place] = $0 } != nil
          }))
    }
  }

  /// How a word is read and written.
  struct Word: Sendable {
    var known: [String]
    var text: @Sendable (ServiceSettings) -> String
    /// `false`, and nothing written, for a word that is not known.
    var write: @Sendable (String, inout ServiceSettings) -> Bool
  }

  /// Stands for an empty list.
  private static let none = "none"

  /// `group.name`, in snake_case.
  public let key: String
  /// The option of `preimage serve` that sets it, without dashes; most have none.
  public let option: String?
  /// One phrase for the configuration file and for `--help`.
  public let summary: String
  let kind: Kind

  init(_ key: String, _ kind: Kind, option: String? = nil, _ summary: String) {
    self.key = key
    self.kind = kind
    self.option = option
    self.summary = summary
  }

  public var group: String { String(key.prefix { $0 != "." }) }
  public var name: String { String(key.drop { $0 != "." }.dropFirst()) }

  /// `PREIMAGE_GROUP_NAME`.
  public var environmentVariable: String {
    "PREIMAGE_" + key.uppercased().replacing(".", with: "_")
  }

  /// `PREIMAGE_OPTION`, for what has an option.
  public var shortEnvironmentVariable: String? {
    option.map { "PREIMAGE_" + $0.uppercased() }
  }

  /// The value as it would be written in the configuration file.
  public func text(in settings: ServiceSettings) -> String {
    switch kind {
    case .count(let path, _): String(settings[keyPath: path])
    case .bytes(let path, _): ByteSize.text(of: settings[keyPath: path])
    case .seconds(let path, _): Self.text(of: settings[keyPath: path])
    case .toggle(let path): String(settings[keyPath: path])
    case .text(let path, _): settings[keyPath: path]
    case .rate(let path, _): Self.text(of: settings[keyPath: path])
    case .networks(let path):
      settings[keyPath: path].isEmpty
        ? Self.none : settings[keyPath: path].map(\.description).joined(separator: ",")
    case .word(let word): word.text(settings)
    }
  }

  /// What the value has to be, in words that fit after "expected".
  public var expectation: String {
    switch kind {
    case .count(_, let range): "an integer from \(range.lowerBound) to \(range.upperBound)"
    case .bytes(_, let range):
      "bytes, as an integer or like 8MiB (B, KiB, MiB, GiB), from "
        + "\(ByteSize.text(of: range.lowerBound)) to \(ByteSize.text(of: range.upperBound))"
    case .seconds(_, let range):
      "seconds, a number from \(Self.text(of: range.lowerBound)) "
        + "to \(Self.text(of: range.upperBound))"
    case .toggle: "true or false"
    case .text(_, let bytesMax): "a text of 1 to \(bytesMax) bytes without control characters"
    case .rate(_, let range):
      "a number from \(Self.text(of: range.lowerBound)) to \(Self.text(of: range.upperBound))"
    case .networks:
      "\(Self.none), or addresses like 10.0.0.0/8 or ::1 with commas between them"
    case .word(let word): "one of " + word.known.joined(separator: ", ")
    }
  }

  /// Reads `text` into `settings`; `false`, and nothing written, where it is not what is expected.
  package func read(_ text: String, into settings: inout ServiceSettings) -> Bool {
    switch kind {
    case .count(let path, let range):
      Self.assign(Self.integer(text), within: range, to: path, of: &settings)
    case .bytes(let path, let range):
      Self.assign(ByteSize.bytes(in: text), within: range, to: path, of: &settings)
    case .seconds(let path, let range):
      Self.assign(Self.decimal(text), within: range, to: path, of: &settings)
    case .toggle(let path):
      Self.assign(["true": true, "false": false][text], to: path, of: &settings)
    case .text(let path, let bytesMax):
      Self.assign(Self.plain(text, bytesMax: bytesMax), to: path, of: &settings)
    case .rate(let path, let range):
      Self.assign(Self.decimal(text), within: range, to: path, of: &settings)
    case .networks(let path):
      Self.assign(Self.networks(text), to: path, of: &settings)
    case .word(let word): word.write(text, &settings)
    }
  }

  private static func assign<Value>(
    _ value: Value?, to path: WritableKeyPath<ServiceSettings, Value>,
    of settings: inout ServiceSettings
  ) -> Bool {
    guard let value else { return false }
    settings[keyPath: path] = value
    return true
  }

  private static func assign<Value: Comparable>(
    _ value: Value?, within range: ClosedRange<Value>,
    to path: WritableKeyPath<ServiceSettings, Value>, of settings: inout ServiceSettings
  ) -> Bool {
    assign(value.flatMap { range.contains($0) ? $0 : nil }, to: path, of: &settings)
  }

  /// Digits only: `Int` would also take "+5".
  private static func integer(_ text: String) -> Int? {
    text.utf8.allSatisfy { (48...57).contains($0) } ? Int(text) : nil
  }

  /// Digits with at most one point: `Double` would also take "0x1p4", "inf" and "nan".
  private static func decimal(_ text: String) -> Double? {
    text.utf8.allSatisfy { (48...57).contains($0) || $0 == 46 } ? Double(text) : nil
  }

  private static func networks(_ text: String) -> [AddressRange]? {
    if text == none { return [] }
    let parts = text.split(separator: ",", omittingEmptySubsequences: false)
    let ranges = parts.compactMap { AddressRange(String($0.drop { $0 == " " })) }
    return ranges.count == parts.count ? ranges : nil
  }

  private static func plain(_ text: String, bytesMax: Int) -> String? {
    let isPlain = text.unicodeScalars.allSatisfy { $0.value >= 32 && $0.value != 127 }
    return isPlain && (1...bytesMax).contains(text.utf8.count) ? text : nil
  }

  private static func text(of seconds: Double) -> String {
    Int(exactly: seconds).map(String.init) ?? String(seconds)
  }
}
