import Documents
import Jobs
import Storage

/// The parameters of lists.
enum PageParameters {
  static let all: [OperationParameter] = [
    .query(
      "page_size",
      Schema.integer(PageRequest.sizes, default: PageRequest.defaultSize), "Items of one page.",
      example: 50),
    .query(
      "page_token", Schema.string(pattern: PageRequest.tokenPattern),
      "`next_page_token` of the page before, with the same filters."),
  ]
}

/// Signals as they are sent: the representations and what chooses among them.
enum SignalContent {
  static func format(_ offers: [SignalRepresentation] = .signals) -> OperationParameter {
    .query(
      "format", Schema.word(offers.map(\.rawValue)), "The representation; wins over Accept.",
      example: "npy")
  }

  static let accept = OperationParameter.header(
    "Accept", "The representation that is liked best; JSON where it does not matter.",
    example: "image/png")

  static let vary = (name: "Vary", text: "`Accept`")

  /// - Parameter schema: of the JSON, by its name among the components.
  static func all(
    _ schema: String, _ offers: [SignalRepresentation] = .signals
  ) -> [Content] {
    offers.map { representation in
      switch representation {
      case .json: .json(Schema.named(schema))
      case .npy:
        Content(
          mediaType: representation.mediaType,
          schema: Schema.bytes(representation.mediaType, "NumPy's format, little-endian float32."))
      case .png:
        Content(
          mediaType: representation.mediaType,
          schema: Schema.bytes(representation.mediaType, "Grey or RGB, 8 bits."))
      case .safetensors:
        Content(
          mediaType: representation.mediaType,
          schema: Schema.bytes(representation.mediaType, "One tensor of F32, named as the path."))
      }
    }
  }
}
