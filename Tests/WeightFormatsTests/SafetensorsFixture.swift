import WeightFormats

/// Safetensors files built by hand, so that they can be wrong in one place at a time.
struct SafetensorsFixture {
  var header: String
  var data: [UInt8] = []
  /// What the first eight bytes claim; the header's own length when `nil`.
  var length: UInt64?

  var bytes: [UInt8] {
    let length = length ?? UInt64(header.utf8.count)
    return withUnsafeBytes(of: length.littleEndian) { Array($0) } + Array(header.utf8) + data
  }

  func read(_ limits: WeightLimits = WeightLimits()) throws(WeightFormatError) -> WeightFile {
    try WeightFormats.read(MemoryBytes(bytes), limits: limits)
  }

  func summary(_ limits: WeightLimits = WeightLimits()) throws(WeightFormatError) -> WeightSummary {
    try WeightFormats.summary(of: MemoryBytes(bytes), limits: limits)
  }

  static func entry(_ name: String, _ type: String, _ shape: String, _ offsets: String) -> String {
    "\"\(name)\":{\"dtype\":\"\(type)\",\"shape\":\(shape),\"data_offsets\":\(offsets)}"
  }

  /// One tensor named `w`.
  static func single(
    _ type: String, shape: String? = nil, data: [UInt8], width: Int
  ) -> SafetensorsFixture {
    let shape = shape ?? "[\(data.count / width)]"
    return SafetensorsFixture(
      header: "{" + entry("w", type, shape, "[0,\(data.count)]") + "}", data: data)
  }

  static func data<Number: FixedWidthInteger>(_ numbers: [Number]) -> [UInt8] {
    numbers.flatMap { number in withUnsafeBytes(of: number.littleEndian) { Array($0) } }
  }
}

/// The error that `body` ends with; `nil` when it ends well, or with an error of another kind.
func refusal(of body: () throws -> Void) -> WeightFormatError? {
  do {
    try body()
    return nil
  } catch {
    return error as? WeightFormatError
  }
}
