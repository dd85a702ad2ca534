import Documents
import HTTP
import HTTPTypes
import Networks
import SignalFormats
import WeightFormats

/// A signal or several as JSON, npy, PNG or safetensors, by `?format=` or `Accept`.
package enum SignalRepresentation: String, CaseIterable {
  case json
  case npy
  case png
  case safetensors

  package var mediaType: String {
    switch self {
    case .json: "application/json"
    case .npy: "application/x-npy"
    case .png: "image/png"
    case .safetensors: "application/x-safetensors"
    }
  }

  /// - Throws: `Problem` 400 for an unknown format, 406 when `Accept` wants none of them.
  package init(
    _ request: Request, offers: [SignalRepresentation] = .signals
  ) throws(Problem) {
    if let name = request.queryValue("format") {
      guard let format = Self(rawValue: name), offers.contains(format) else {
        throw .malformed(
          "invalid_parameter",
          "format is \"\(name.prefix(64))\"; expected one of "
            + "\(offers.map(\.rawValue).joined(separator: ", ")).")
      }
      self = format
      return
    }
    let chosen = MediaType.negotiate(
      request.field(.accept), offers: offers.map(\.mediaType))
    guard let format = offers.first(where: { $0.mediaType == chosen }) else {
      throw Problem(
        .notAcceptable, "not_acceptable",
        "Accept wants none of \(offers.map(\.mediaType).joined(separator: ", ")).")
    }
    self = format
  }

  /// - Parameters:
  ///   - signals: one after the other, each of `shape`.
  ///   - name: of the tensor, in safetensors.
  ///   - range: the values drawn black and white; the signal's own where there is none.
  ///   - isList: whether there is a leading extent for the number of signals.
  package func response(
    _ signals: [Float], name: String = "values", count: Int, shape: [Int],
    range: ClosedRange<Float>?, isList: Bool
  ) throws -> Response {
    var fields: HTTPFields = [.vary: "Accept"]
    let fullShape = isList ? [count] + shape : shape
    switch self {
    case .json:
      var object = JSONObjectWriter()
      object.add("shape", JSONValue(fullShape))
      if isList {
        object.add("outputs", text: Self.rows(signals, count: count))
      } else {
        object.add("values", numbers: signals)
      }
      return .json(.ok, object.finish(), fields: fields)
    case .npy:
      fields[.contentType] = mediaType
      return Response(
        .ok, fields: fields, body: .bytes(NPY.write(signals, shape: fullShape)))
    case .safetensors:
      fields[.contentType] = mediaType
      return Response(
        .ok, fields: fields,
        body: .bytes(
          Safetensors.write(tensors: [name: Tensor(shape: fullShape, values: signals)])))
    case .png:
      fields[.contentType] = mediaType
      let size = shape.reduce(1, *)
      let bounds = range.map { (lower: $0.lowerBound, upper: $0.upperBound) }
      var rasters: [Raster] = []
      for place in 0..<count {
        rasters.append(
          try Raster(
            signal: Array(signals[place * size..<(place + 1) * size]), shape: shape,
            range: bounds))
      }
      let sheet =
        isList
        ? Raster.tiled(rasters, columns: Self.columns(count), gap: 2) : rasters[0]
      return Response(.ok, fields: fields, body: .bytes(try PNG.encode(sheet)))
    }
  }

  /// An array of arrays.
  static func rows(_ signals: [Float], count: Int) -> [UInt8] {
    let size = signals.count / max(count, 1)
    var writer = JSONWriter()
    writer.write(verbatim: [UInt8(ascii: "[")])
    for place in 0..<count {
      if place > 0 { writer.write(verbatim: [UInt8(ascii: ",")]) }
      writer.write(Array(signals[place * size..<(place + 1) * size]))
    }
    writer.write(verbatim: [UInt8(ascii: "]")])
    return writer.bytes
  }

  /// About as many columns as rows.
  private static func columns(_ count: Int) -> Int {
    (1...max(count, 1)).first { $0 * $0 >= count } ?? 1
  }
}

extension [SignalRepresentation] {
  /// Of a signal.
  package static let signals: Self = [.json, .npy, .png]
  /// Of latents and of batches.
  package static let withSafetensors: Self = signals + [.safetensors]
}

/// Signals as storage keeps them: little-endian single precision.
package enum StoredNumbers {
  package static func bytes(_ values: [Float]) -> [UInt8] {
    values.withUnsafeBytes { Array($0) }
  }

  /// Bytes beyond the last whole number are left out.
  package static func values(_ bytes: [UInt8]) -> [Float] {
    bytes.withUnsafeBytes { raw in
      (0..<raw.count / 4).map {
        let word = raw.loadUnaligned(fromByteOffset: 4 * $0, as: UInt32.self)
        return Float(bitPattern: UInt32(littleEndian: word))
      }
    }
  }
}
