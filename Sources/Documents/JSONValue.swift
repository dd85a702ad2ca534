/// A JSON document in memory. An array that holds nothing but numbers is kept packed, so that an
/// observation of a million entries is one allocation.
public enum JSONValue: Sendable, Equatable {
  case null
  case bool(Bool)
  case number(Double)
  case string(String)
  /// An array of numbers only; the empty array is `.numbers([])`.
  case numbers([Double])
  case array([JSONValue])
  case object(JSONObject)

  /// What a message calls a value of this kind.
  public var kindName: String {
    switch self {
    case .null: "null"
    case .bool: "a boolean"
    case .number: "a number"
    case .string: "a string"
    case .numbers, .array: "an array"
    case .object: "an object"
    }
  }
}

/// The members of a JSON object in the order in which they were written. Keys are unique.
public struct JSONObject: Sendable, Equatable, ExpressibleByDictionaryLiteral {
  public private(set) var members: [(key: String, value: JSONValue)]

  public init() {
    members = []
  }

  /// Keys must differ from one another.
  public init(dictionaryLiteral elements: (String, JSONValue)...) {
    members = elements.map { (key: $0.0, value: $0.1) }
  }

  /// The value under `key`. Assigning `nil` removes the member; assigning to a new key appends it.
  public subscript(key: String) -> JSONValue? {
    get { members.first { $0.key == key }?.value }
    set {
      let place = members.firstIndex { $0.key == key }
      switch (place, newValue) {
      case (let place?, let value?): members[place].value = value
      case (let place?, nil): members.remove(at: place)
      case (nil, let value?): members.append((key: key, value: value))
      case (nil, nil): break
      }
    }
  }

  /// Appends a member whose key is known to be new.
  mutating func append(key: String, value: JSONValue) {
    members.append((key: key, value: value))
  }

  public static func == (a: JSONObject, b: JSONObject) -> Bool {
    a.members.count == b.members.count
      && zip(a.members, b.members).allSatisfy { $0.key == $1.key && $0.value == $1.value }
  }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByFloatLiteral,
  ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral,
  ExpressibleByDictionaryLiteral, ExpressibleByNilLiteral
{
  public init(stringLiteral value: String) { self = .string(value) }
  public init(floatLiteral value: Double) { self = .number(value) }
  public init(integerLiteral value: Int) { self = .number(Double(value)) }
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  public init(nilLiteral: ()) { self = .null }
  public init(arrayLiteral elements: JSONValue...) { self = JSONValue(elements) }
  public init(dictionaryLiteral elements: (String, JSONValue)...) {
    var object = JSONObject()
    for (key, value) in elements { object[key] = value }
    self = .object(object)
  }

  /// An array, packed when every element is a number.
  public init(_ elements: [JSONValue]) {
    var numbers: [Double] = []
    for element in elements {
      guard case .number(let number) = element else {
        self = .array(elements)
        return
      }
      numbers.append(number)
    }
    self = .numbers(numbers)
  }

  public init(_ number: Int) { self = .number(Double(number)) }
  public init(_ numbers: [Int]) { self = .numbers(numbers.map(Double.init)) }
  public init(_ numbers: [Float]) { self = .numbers(numbers.map(Double.init)) }

  /// The members of an object; `nil` for every other kind.
  public var object: JSONObject? {
    if case .object(let object) = self { object } else { nil }
  }

  public var string: String? {
    if case .string(let string) = self { string } else { nil }
  }

  public var number: Double? {
    if case .number(let number) = self { number } else { nil }
  }

  public var numbers: [Double]? {
    if case .numbers(let numbers) = self { numbers } else { nil }
  }

  /// The elements of an array, unpacked; `nil` for every other kind.
  public var elements: [JSONValue]? {
    switch self {
    case .array(let elements): elements
    case .numbers(let numbers): numbers.map(JSONValue.number)
    default: nil
    }
  }
}
