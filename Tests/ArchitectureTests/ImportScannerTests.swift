import Testing

/// The scanner sees every spelling of an import, and nothing that only looks like one.
struct ImportScannerTests {
  private func modules(in source: String) -> [String] {
    ImportScanner.imports(in: source).map(\.module)
  }

  @Test(arguments: [
    ("import GRDB", "GRDB"),
    ("  import   GRDB  // why", "GRDB"),
    ("public import GRDB", "GRDB"),
    ("fileprivate import GRDB", "GRDB"),
    ("@preconcurrency import GRDB", "GRDB"),
    ("@_spi(Internal) @testable import GRDB", "GRDB"),
    ("@preconcurrency public import GRDB", "GRDB"),
    ("import struct GRDB.Row", "GRDB"),
    ("public import func Glibc.exp", "Glibc"),
    ("import Glibc.math", "Glibc"),
    ("import `GRDB`", "GRDB"),
    ("/* because */ import GRDB", "GRDB"),
  ])
  func seesEverySpelling(source: String, module: String) {
    #expect(modules(in: source) == [module])
  }

  @Test(arguments: [
    "// import GRDB",
    "/// import GRDB",
    "/* import GRDB */",
    "/*\nimport GRDB\n*/",
    "/* /* */\nimport GRDB\n*/",
    "let text = \"import GRDB\"",
    "let text = \"\"\"\n  import GRDB\n  \"\"\"",
    "let text = #\"\"\"\n  \"\"\"\n  import GRDB\n  \"\"\"#",
    "let text = \"\\\"\"; let important = 1",
    "important()",
    "let `import` = 1",
    "#if canImport(GRDB)\n#endif",
  ])
  func isNotFooled(source: String) {
    #expect(modules(in: source).isEmpty)
  }

  @Test func goesOnAfterCommentsAndLiterals() {
    let source = ##"""
      /* one
         /* two */ */
      import First
      let a = "\(b.map { "}\")" })" // "
      let c = """
        \(d) "quoted" \""" import No
        """
      let e = #"\(not) " \#(f("x")) "#; import Second
      #if os(Linux)
        import Third
      #endif
      """##
    let imports = ImportScanner.imports(in: source)
    #expect(imports.map(\.module) == ["First", "Second", "Third"])
    #expect(imports.map(\.line) == [3, 8, 10])
  }

  @Test func keepsWordsOfInterpolations() {
    let words = SourceText(#"let a = "text \(f(word)) text""#).words.map(\.word)
    #expect(words == ["let", "a", "f", "word"])
  }
}
