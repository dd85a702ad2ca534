import Documents

/// A field of a layer that is one of a few words, the first of them where it is left out.
struct ChoiceParameter: ParameterDescription {
  let name: String
  let words: [String]
  let summary: String

  /// `words` is not empty.
  init(_ name: String, _ words: [String], _ summary: String) {
    self.name = name
    self.words = words
    self.summary = summary
  }

  var schema: JSONValue {
    [
      "type": "string", "enum": .array(words.map(JSONValue.string)),
      "default": .string(words[0]), "description": .string(summary),
    ]
  }

  func value(in document: ObjectReader) throws(DocumentError) -> String {
    guard let word = try document.string(name) else { return words[0] }
    guard words.contains(word) else {
      throw document.malformed(
        name, "is \"\(word.prefix(64))\"; expected one of \(words.joined(separator: ", "))")
    }
    return word
  }
}
