import Foundation
import Testing

/// `preimage reproduce`.
@Suite(.needsProgram)
struct ReproduceTests {
  @Test func experimentsAreListed() throws {
    try withFolder { folder in
      let bare = try Program.run("reproduce", in: folder)
      #expect(bare.status == 0, "\(bare.errors)")
      for word in ["ma-landscape", "ma-weights", "cocola-measurements", "figure 4", "min"] {
        #expect(bare.output.contains(word), "\(bare.output)")
      }
      #expect(try Program.run("reproduce", "--list", in: folder).output == bare.output)
      #expect(
        try FileManager.default.contentsOfDirectory(atPath: folder.path)
          .allSatisfy { $0.hasPrefix("errors-") }, "a list writes nothing")
    }
  }

  @Test func tablesAndFiguresAreWritten() throws {
    try withFolder { folder in
      let ending = try Program.run(
        "reproduce", "ma-weights", "--quick", "--output", "made/here", "--seed", "3", in: folder)
      #expect(ending.status == 0, "\(ending.errors)")
      #expect(ending.errors.isEmpty, "no bar where there is no terminal")
      let names = [
        "ma-weights-moments.csv", "ma-weights-fashion-conv.svg", "ma-weights-fashion-mlp.svg",
        "ma-weights.txt",
      ]
      let place = folder.appending(path: "made/here")
      #expect(
        try Set(FileManager.default.contentsOfDirectory(atPath: place.path)) == Set(names))
      for name in names {
        #expect(ending.output.contains("made/here/\(name)"), "\(ending.output)")
        let contents = try String(contentsOf: place.appending(path: name), encoding: .utf8)
        #expect(contents.count > 200)
        #expect(!name.hasSuffix("svg") || contents.hasPrefix("<?xml"))
        #expect(!name.hasSuffix("txt") || ending.output.contains(contents))
      }
    }
  }

  @Test(arguments: [
    (["nobody"], "expected one of ma-landscape"), (["ma-weights", "--seed", "-1"], "seed"),
    (["ma-weights", "--output", "file/folder"], "file"),
  ])
  func badArgumentsAreNamed(arguments: [String], named: String) throws {
    try withFolder { folder in
      try Data().write(to: folder.appending(path: "file"))
      let program = try #require(Program.path, "the program was not built")
      let child = try Child(program, ["reproduce"] + arguments, in: folder)
      defer { child.kill() }
      let ending = try child.wait(seconds: 60)
      #expect(ending.status != 0 && ending.status != nil)
      #expect(ending.errors.contains(named), "\(ending.errors)")
    }
  }
}
