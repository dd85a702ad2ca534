import Documents
import Foundation
import SignalFormats

/// A file in a form, told apart by its first bytes: what a part calls itself is often wrong.
enum FormFile: String {
  case npy
  case png

  /// - Throws: `DocumentError` when it is neither.
  static func kind(of file: [UInt8], pointer: String) throws(DocumentError) -> FormFile {
    if file.starts(with: [0x93] + Array("NUMPY".utf8)) { return .npy }
    if file.starts(with: [0x89] + Array("PNG\r\n".utf8)) { return .png }
    throw .unprocessable(pointer, "is neither an npy file nor a png picture")
  }
}

/// The files that may come beside the document of an inversion, and what they put into it.
package struct FormFiles {
  /// What was observed: npy or png.
  var observation: [UInt8]?
  /// Whether the observations are the rows of an array that is read elsewhere.
  var isBatch = false
  /// Which entries are seen: png, bright where seen, or npy, not 0 where seen.
  var mask: [UInt8]?
  /// The matrix of a linear measurement: npy.
  var matrix: [UInt8]?

  package init() {}

  /// The measurement with the files in it. Without one in the document, a mask makes a `mask`, and
  /// a matrix a `matrix`.
  ///
  /// - Throws: `DocumentError` for files that do not belong to the measurement.
  func measurement(_ given: JSONValue?) throws(DocumentError) -> JSONValue {
    guard let (type, member, value) = try content() else {
      return given ?? ["type": "identity"]
    }
    guard let given else { return ["type": .string(type), member: value] }
    let reader = try ObjectReader(given, pointer: "/measurement")
    guard try reader.string("type") == type, var object = given.object else {
      throw reader.unprocessable("type", "is not \(type), to which the file \"\(part)\" belongs")
    }
    guard !reader.has(member) else {
      throw reader.unprocessable(member, "is given as the file \"\(part)\" too")
    }
    object[member] = value
    return .object(object)
  }

  private var part: String { mask == nil ? "matrix" : "mask" }

  private func content() throws(DocumentError) -> (String, String, JSONValue)? {
    guard mask == nil || matrix == nil else {
      throw .unprocessable("/measurement", "has a mask and a matrix; expected one of the two files")
    }
    if let mask { return ("mask", "observed", try observed(mask)) }
    guard let matrix else { return nil }
    return ("matrix", "npy", .string(Data(matrix).base64EncodedString()))
  }

  /// A mask as a document: pictures and arrays of pixels as a picture, for every channel; arrays of
  /// entries as a list.
  private func observed(_ mask: [UInt8]) throws(DocumentError) -> JSONValue {
    if try FormFile.kind(of: mask, pointer: "/mask") == .png {
      return ["png": .string(Data(mask).base64EncodedString())]
    }
    let array = try maskArray(mask)
    guard array.shape.count == 2 else {
      return ["indices": JSONValue(array.values.indices.filter { array.values[$0] != 0 })]
    }
    let raster = Raster(
      width: array.shape[1], height: array.shape[0], channels: 1,
      values: array.values.map { $0 == 0 ? 0 : 255 })
    do {
      return ["png": .string(Data(try PNG.encode(raster)).base64EncodedString())]
    } catch {
      throw .unprocessable("/mask", error.message)
    }
  }

  private func maskArray(_ mask: [UInt8]) throws(DocumentError) -> NPYArray {
    let array: NPYArray
    do {
      array = try NPY.read(mask)
    } catch {
      throw .unprocessable("/mask", error.message)
    }
    guard !array.values.isEmpty else { throw .unprocessable("/mask", "is an empty array") }
    return array
  }

  /// A mask of entries must be of the signal's size: its list alone would not show that it is not.
  ///
  /// - Throws: `DocumentError` giving both sizes.
  func checkMask(_ shape: GeneratorShape) throws(DocumentError) {
    guard let mask, try FormFile.kind(of: mask, pointer: "/mask") == .npy else { return }
    let array = try maskArray(mask)
    let count = shape.output.reduce(1, *)
    guard array.shape.count == 2 || array.values.count == count else {
      throw .unprocessable(
        "/mask", "has shape \(array.shape); the signal has shape \(shape.output)")
    }
  }
}
