import Documents
import Foundation
import SignalFormats

/// Numbers as clients send them: `values`, an `npy` file or a `png` picture, exactly one of them;
/// or one of the files as a part of a form.
struct GivenSignal {
  /// The member that holds the numbers.
  let way: String
  /// A JSON Pointer to it; to where the document would have had it when it came as a part.
  let pointer: String
  private let source: Source

  private enum Source {
    case member(ObjectReader)
    case file([UInt8])
  }

  static let ways = ["values", "npy", "png"]

  /// - Throws: `DocumentError` naming the object unless it holds exactly one of the ways.
  init(_ reader: ObjectReader) throws(DocumentError) {
    let ways = Self.ways.filter(reader.has)
    guard ways.count == 1, let way = ways.first else {
      throw DocumentError.malformed(
        reader.pointer,
        "names \(ways.isEmpty ? "none" : ways.joined(separator: " and ")); expected exactly one of "
          + Self.ways.joined(separator: ", "))
    }
    self.way = way
    pointer = reader.pointer(to: way)
    source = .member(reader)
  }

  /// A file, told apart by its first bytes.
  ///
  /// - Throws: `DocumentError` when it is neither npy nor png.
  init(file: [UInt8], pointer: String) throws(DocumentError) {
    way = try FormFile.kind(of: file, pointer: pointer).rawValue
    self.pointer = pointer
    source = .file(file)
  }

  /// The numbers, however many they are; a picture must have the shape's size.
  func values(_ shape: GeneratorShape) throws(DocumentError) -> [Float] {
    if way == "values", case .member(let reader) = source {
      return (try reader.numbers("values") ?? []).map { Float($0) }
    }
    let file = try bytes()
    do throws(SignalFormatError) {
      if way == "npy" { return try NPY.read(file).values }
      let (height, width) = shape.pixels
      return try pictureValues(try PNG.decode(file, pixelsMax: max(height * width, 1)), shape)
    } catch {
      throw .unprocessable(pointer, error.message)
    }
  }

  /// The shape that the numbers bring along: of an array. `nil` for values and pictures.
  func ownShape() throws(DocumentError) -> [Int]? {
    guard way == "npy" else { return nil }
    let file = try bytes()
    do throws(SignalFormatError) {
      return try NPY.read(file).shape
    } catch {
      throw .unprocessable(pointer, error.message)
    }
  }

  private func bytes() throws(DocumentError) -> [UInt8] {
    let reader: ObjectReader
    switch source {
    case .file(let bytes): return bytes
    case .member(let member): reader = member
    }
    let text = try reader.requiredString(way)
    guard let bytes = Data(base64Encoded: text) else {
      throw reader.malformed(way, "is not base64")
    }
    return [UInt8](bytes)
  }

  /// A picture scaled into the generator's range; colour is averaged for a grey generator, grey
  /// repeated for one in colour.
  ///
  /// - Throws: `SignalFormatError.png` for a picture of another size.
  private func pictureValues(
    _ raster: Raster, _ shape: GeneratorShape
  ) throws(SignalFormatError) -> [Float] {
    let (height, width) = shape.pixels
    let channels = shape.output.dropLast(2).reduce(1, *)
    guard raster.height == height, raster.width == width, channels == 1 || channels == 3 else {
      throw .png(
        detail: "it is \(raster.height) x \(raster.width) pixels; the generator's output has shape "
          + "\(shape.output)")
    }
    let range = shape.range ?? 0...1
    let values = raster.signal(range: (lower: range.lowerBound, upper: range.upperBound))
    if raster.channels == channels { return values }
    let pixels = height * width
    if raster.channels == 1 { return values + values + values }
    return (0..<pixels).map { (values[$0] + values[pixels + $0] + values[2 * pixels + $0]) / 3 }
  }
}
