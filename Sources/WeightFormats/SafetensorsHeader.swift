import Documents

/// The header of a safetensors file, with every claim in it checked against the file's size: ranges
/// that fit their shapes and cover the data without gap or overlap.
struct SafetensorsHeader {
  /// In the order of their ranges.
  var entries: [WeightSummary.Entry]
  var architecture: JSONValue?
  var metadata: [String: String]

  static func read(
    _ source: any ByteSource, limits: WeightLimits
  ) throws(WeightFormatError) -> SafetensorsHeader {
    try limits.check(
      "the file's size in bytes", source.byteCount, atMost: limits.bytesMax, named: "bytesMax")
    let text = try text(of: source, limits: limits)
    let object = try object(in: text)
    let dataStart = 8 + text.count
    var header = SafetensorsHeader(entries: [], architecture: nil, metadata: [:])
    try limits.check(
      "the number of tensors", object.members.count - (object["__metadata__"] == nil ? 0 : 1),
      atMost: limits.tensorsMax, named: "tensorsMax")
    for (name, value) in object.members {
      if name == "__metadata__" {
        try header.readMetadata(value)
      } else {
        header.entries.append(try entry(name, value, dataStart: dataStart, limits: limits))
      }
    }
    try header.checkTotal(limits)
    try header.checkCover(dataStart..<source.byteCount)
    return header
  }

  private static func malformed(_ detail: String) -> WeightFormatError {
    .malformed(format: Safetensors.name, detail: detail)
  }

  private static func text(
    of source: any ByteSource, limits: WeightLimits
  ) throws(WeightFormatError) -> [UInt8] {
    guard source.byteCount >= 8 else {
      throw malformed("the file has \(source.byteCount) bytes; expected at least 8")
    }
    let prefix = try source.bytes(at: 0, count: 8)
    let length = prefix.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    try limits.check(
      "the safetensors header's length in bytes", Int(clamping: length),
      atMost: limits.headerBytesMax, named: "headerBytesMax")
    guard length <= source.byteCount - 8 else {
      throw malformed(
        "the header's length is \(length) bytes, but only \(source.byteCount - 8) follow; "
          + "was the upload cut off?")
    }
    return try source.bytes(at: 8, count: Int(length))
  }

  private static func object(in text: [UInt8]) throws(WeightFormatError) -> JSONObject {
    guard text.first == UInt8(ascii: "{") else { throw malformed("the header is not an object") }
    let value: JSONValue
    do {
      // An object of objects of arrays.
      value = try JSONParser(depthMax: 3).parse(text)
    } catch {
      throw malformed("the header: \(error)")
    }
    guard let object = value.object else { throw malformed("the header is not an object") }
    return object
  }

  private mutating func readMetadata(_ value: JSONValue) throws(WeightFormatError) {
    guard let object = value.object else {
      throw Self.malformed("__metadata__ is \(value.kindName); expected an object of strings")
    }
    for (key, value) in object.members {
      guard let text = value.string else {
        throw Self.malformed(
          "__metadata__: \"\(shortened(key))\" is \(value.kindName); expected a string")
      }
      guard key == "architecture" else {
        metadata[key] = text
        continue
      }
      do {
        architecture = try JSONParser().parse(text)
      } catch {
        throw .architecture(format: Safetensors.name, detail: error.description)
      }
    }
  }

  private static func entry(
    _ name: String, _ value: JSONValue, dataStart: Int, limits: WeightLimits
  ) throws(WeightFormatError) -> WeightSummary.Entry {
    try limits.check(
      "the length in bytes of the tensor name \"\(shortened(name))\"", name.utf8.count,
      atMost: limits.nameBytesMax, named: "nameBytesMax")
    guard !name.isEmpty else { throw malformed("a tensor has the empty name") }
    let dtype: String
    let shape: [Int]
    let offsets: [Int]
    do {
      // JSON integers above 2^53 have lost digits by now, and could pass for others.
      let exact = 0...(1 << 53)
      let reader = try ObjectReader(value, pointer: "tensor \"\(name)\"")
      dtype = try reader.requiredString("dtype")
      _ = try reader.required("shape")
      shape = try reader.integers("shape", in: exact, counts: 0...Int.max) ?? []
      _ = try reader.required("data_offsets")
      offsets = try reader.integers("data_offsets", in: exact, counts: 2...2) ?? []
      try reader.finish()
    } catch {
      throw malformed(error.description)
    }
    guard let type = ElementType(rawValue: dtype) else {
      throw .elementType(
        tensor: name, found: shortened(dtype), known: ElementType.allCases.map(\.rawValue))
    }
    let count = try limits.elementCount(shape: shape, tensor: name)
    let (begin, end) = (offsets[0], offsets[1])
    guard begin <= end else {
      throw malformed("tensor \"\(name)\" ends at byte \(end), before its start at \(begin)")
    }
    let (expected, overflow) = count.multipliedReportingOverflow(by: type.width)
    guard !overflow, end - begin == expected else {
      throw malformed(
        "tensor \"\(name)\" has \(end - begin) bytes; shape \(shape) of \(dtype) needs "
          + (overflow ? "more than can be counted" : "\(expected)"))
    }
    return .init(
      name: name, elementType: type, shape: shape, byteRange: dataStart + begin..<dataStart + end)
  }

  private func checkTotal(_ limits: WeightLimits) throws(WeightFormatError) {
    var total = 0
    for entry in entries {
      let (sum, overflow) = total.addingReportingOverflow(
        entry.byteRange.count / entry.elementType.width)
      total = overflow ? .max : sum
    }
    try limits.check(
      "the number of elements of all tensors", total, atMost: limits.elementsMax,
      named: "elementsMax")
  }

  /// Sorts the entries by their ranges, which must follow one another from the start of `data` to
  /// its end.
  private mutating func checkCover(_ data: Range<Int>) throws(WeightFormatError) {
    entries.sort {
      ($0.byteRange.lowerBound, $0.byteRange.upperBound)
        < ($1.byteRange.lowerBound, $1.byteRange.upperBound)
    }
    var end = data.lowerBound
    for entry in entries {
      let begin = entry.byteRange.lowerBound
      guard begin == end else {
        let place = begin - data.lowerBound
        throw Self.malformed(
          begin < end
            ? "tensor \"\(entry.name)\" overlaps the one before it, at byte \(place) of the data"
            : "\(begin - end) bytes before tensor \"\(entry.name)\" belong to no tensor")
      }
      end = entry.byteRange.upperBound
    }
    guard end == data.upperBound else {
      throw Self.malformed(
        "the tensors need \(end - data.lowerBound) bytes of data, but \(data.count) are there"
          + (end > data.upperBound ? "; was the upload cut off?" : ""))
    }
  }
}

/// Names come from the file and may be as long as its header; messages quote their beginning.
func shortened(_ text: String) -> String {
  String(decoding: text.utf8.prefix(64), as: UTF8.self)
}
