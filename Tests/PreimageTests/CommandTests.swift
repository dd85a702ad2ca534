import BundledGenerators
import Documents
import Foundation
import SignalFormats
import Testing

/// The subcommands that work without a server.
@Suite(.needsProgram)
struct CommandTests {
  /// A mask of 28 x 28 pixels with the upper half visible.
  private static func writeMask(_ file: URL, size: Int = 28) throws {
    let values = (0..<size * size).map { UInt8($0 < size * size / 2 ? 255 : 0) }
    let raster = Raster(width: size, height: size, channels: 1, values: values)
    try Data(try PNG.encode(raster)).write(to: file)
  }

  @Test func aPictureIsInvertedAndCompleted() throws {
    try withFolder { folder in
      try Self.writeMask(folder.appending(path: "mask.png"))
      let ending = try Program.run(
        "invert", "fashion-mlp", BundledFiles.heldOutPicturePath, "--mask", "mask.png",
        "--noise-sigma", "0.1", "--latent", "z.npy", "--output", "out.png", in: folder)
      #expect(ending.status == 0, "\(ending.errors)")
      for word in ["verdict", "residual", "rank", "z.npy", "out.png"] {
        #expect(ending.output.contains(word), "\(ending.output)")
      }
      let latent = try NPY.read([UInt8](try Data(contentsOf: folder.appending(path: "z.npy"))))
      #expect(latent.shape == [20])
      #expect(latent.firstNonFinite == nil)
      let picture = try PNG.decode(
        [UInt8](try Data(contentsOf: folder.appending(path: "out.png"))))
      #expect((picture.width, picture.height, picture.channels) == (28, 28, 1))
      #expect(Set(picture.values).count > 8, "a picture of something")
      #expect(ending.errors.isEmpty, "no bar where there is no terminal")
    }
  }

  @Test func noiseAndPriorAreDeclaredAsInRequests() throws {
    try withFolder { folder in
      let ending = try Program.run(
        "invert", "fashion-mlp", BundledFiles.heldOutPicturePath, "--noise",
        #"{"type": "laplace", "scale": 0.1, "clipped": true}"#, "--prior", "latent", in: folder)
      #expect(ending.status == 0, "\(ending.errors)")
      #expect(ending.output.contains("verdict"), "\(ending.output)")
    }
  }

  @Test func theSameSeedGivesTheSameFile() throws {
    try withFolder { folder in
      for name in ["a.npy", "b.npy"] {
        let ending = try Program.run(
          "invert", "fashion-mlp", BundledFiles.heldOutPicturePath, "--seed", "5", "--solver",
          "adam", "--latent", name, in: folder)
        #expect(ending.status == 0, "\(ending.errors)")
      }
      let files = try ["a.npy", "b.npy"].map { try Data(contentsOf: folder.appending(path: $0)) }
      #expect(files[0] == files[1])
    }
  }

  @Test(arguments: [
    (["fashion-mlp", "nowhere.png"], "nowhere.png"),
    (["nobody", "PICTURE"], "nobody"), (["fashion-conv", "PICTURE"], "28 x 28"),
    (["fashion-mlp", "PICTURE", "--mask", "small.png"], "14 x 14"),
    (["fashion-mlp", "PICTURE", "--mask", "nowhere.png"], "nowhere.png"),
    (["fashion-mlp", "PICTURE", "--solver", "magic"], "magic"),
    (["fashion-mlp", "PICTURE", "--noise-sigma", "-1"], "noise-sigma"),
    (["fashion-mlp", "PICTURE", "--noise-sigma", "x"], "noise-sigma"),
    (["fashion-mlp", "PICTURE", "--noise", "#"], "--noise"),
    (["fashion-mlp", "PICTURE", "--noise", #"{"type": "poisson"}"#], "peak"),
    (
      ["fashion-mlp", "PICTURE", "--noise", #"{"type": "none"}"#, "--noise-sigma", "1"],
      "--noise-sigma"
    ),
    (["fashion-mlp", "PICTURE", "--prior", "latent"], "prior"),
    (["fashion-mlp", "PICTURE", "--seed", "-1"], "seed"), (["fashion-mlp"], "image"),
    (["fashion-mlp", "PICTURE", "--architecture", "nowhere.json"], "nowhere.json"),
    (["fashion-mlp", "PICTURE", "--latent", "no/such/folder.npy"], "folder"),
  ])
  func badArgumentsAreNamed(arguments: [String], named: String) throws {
    try withFolder { folder in
      try Self.writeMask(folder.appending(path: "small.png"), size: 14)
      let given = arguments.map { $0 == "PICTURE" ? BundledFiles.heldOutPicturePath : $0 }
      let program = try #require(Program.path, "the program was not built")
      let child = try Child(program, ["invert"] + given, in: folder)
      defer { child.kill() }
      let ending = try child.wait(seconds: 60)
      #expect(ending.status != 0 && ending.status != nil)
      #expect(ending.errors.contains(named), "\(ending.errors)")
      #expect(!FileManager.default.fileExists(atPath: folder.appending(path: "latent.npy").path))
    }
  }

  @Test func aWeightFileIsShown() throws {
    try withFolder { folder in
      let ending = try Program.run("inspect", "fashion-conv", in: folder)
      #expect(ending.status == 0, "\(ending.errors)")
      for word in [
        "format      safetensors", "main.0.weight  F32  [10 x 128 x 4 x 4]", "conv_transpose2d",
        "[10, 1, 1] standard_normal -> [1, 32, 32]",
      ] {
        #expect(ending.output.contains(word), "\(ending.output)")
      }
    }
  }

  @Test func aGeneratorIsDiagnosed() throws {
    try withFolder { folder in
      let ending = try Program.run("inspect", "fashion-mlp", "--diagnostics", in: folder)
      #expect(ending.status == 0, "\(ending.errors)")
      for word in ["of 16 random latents", "linear  20 -> ", "from a Gaussian", "R2WDC at least"] {
        #expect(ending.output.contains(word), "\(ending.output)")
      }
    }
  }

  /// A checkpoint with several state dictionaries, shown and made into a file of one.
  @Test func aCheckpointIsShownAndConverted() throws {
    let tests = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
      .deletingLastPathComponent().deletingLastPathComponent()
    let fixtures = tests.appending(path: "WeightFormatsTests/Fixtures")
    let checkpoint = fixtures.appending(path: "ambiguous.pt").path
    try withFolder { folder in
      try """
      {"version": 1, "latent": {"shape": [3]}, "output": {"shape": [2]}, "layers": [
        {"type": "linear", "weight": "0.weight", "bias": "0.bias"}, {"type": "relu"},
        {"type": "linear", "weight": "2.weight", "bias": "2.bias"}]}
      """.write(to: folder.appending(path: "a.json"), atomically: true, encoding: .utf8)
      let shown = try Program.run("inspect", checkpoint, in: folder)
      #expect(shown.status == 0, "\(shown.errors)")
      for word in ["state       generator", "state       ema", "0.weight  F32  [4 x 3]"] {
        #expect(shown.output.contains(word), "\(shown.output)")
      }
      let arguments = ["convert", checkpoint, "--architecture", "a.json", "-o", "b.safetensors"]
      let program = try #require(Program.path, "the program was not built")
      for (state, isTaken) in [
        (["--state", "ema"], true), ([], false), (["--state", "x"], false),
      ] {
        let child = try Child(program, arguments + state, in: folder)
        defer { child.kill() }
        let ending = try child.wait(seconds: 60)
        #expect((ending.status == 0) == isTaken, "\(ending.errors)")
        #expect(isTaken || ending.errors.contains("\"generator\", \"ema\""), "\(ending.errors)")
      }
      let converted = try Program.run("inspect", "b.safetensors", in: folder)
      #expect(converted.status == 0, "\(converted.errors)")
      #expect(converted.output.contains("[3] standard_normal -> [2], 26 parameters"))
    }
  }

  @Test func aFileThatIsCutOffIsRefused() throws {
    try withFolder { folder in
      let whole = try Data(
        contentsOf: URL(fileURLWithPath: BundledGenerator.fashionMLP.weightsPath))
      for count in [0, 7, 100, whole.count / 2, whole.count - 1] {
        try whole.prefix(count).write(to: folder.appending(path: "cut.safetensors"))
        let ending = try Program.run("inspect", "cut.safetensors", in: folder)
        #expect(ending.status != 0 && ending.status != nil, "\(count) bytes")
        #expect(!ending.errors.isEmpty && ending.output.isEmpty, "\(count) bytes")
      }
      let missing = try Program.run("inspect", "nowhere.safetensors", in: folder)
      #expect(missing.status != 0 && missing.errors.contains("nowhere.safetensors"))
    }
  }

  @Test func theConfigurationIsChecked() throws {
    try withFolder { folder in
      let good = try Program.run("check", in: folder)
      #expect(good.status == 0 && good.output.contains("The configuration is good."))
      let shown = try Program.run("check", "--port", "9", in: folder)
      #expect(shown.status == 0 && shown.output.contains("http.port"))
      let file = folder.appending(path: "bad.yaml")
      try "jobs:\n  wrokers: 1\n".write(to: file, atomically: true, encoding: .utf8)
      let unknown = try Program.run("check", "--config", "bad.yaml", in: folder)
      #expect(unknown.status != 0 && unknown.errors.contains("wrokers"), "\(unknown.errors)")
      let variable = try Program.run(
        "check", in: folder, environment: ["PREIMAGE_JOBS_WROKERS": "1"])
      #expect(variable.status != 0 && variable.errors.contains("PREIMAGE_JOBS_WROKERS"))
      let range = try Program.run("check", "--port", "70000", in: folder)
      #expect(range.status != 0 && range.errors.contains("70000"))
    }
  }

  @Test func theDefaultsAreAConfigurationFile() throws {
    try withFolder { folder in
      let defaults = try Program.run("check", "--defaults", in: folder)
      try defaults.output.write(
        to: folder.appending(path: "all.yaml"), atomically: true, encoding: .utf8)
      #expect(try Program.run("check", "--config", "all.yaml", in: folder).status == 0)
    }
  }

  @Test func helpIsThereToBeLearntFrom() throws {
    try withFolder { folder in
      for command in ["serve", "invert", "inspect", "check"] {
        let help = try Program.run(command, "--help", in: folder)
        #expect(help.status == 0 && help.output.contains("USAGE: preimage \(command)"))
      }
      #expect(try Program.run("--version", in: folder).status == 0)
      #expect(try Program.run("conjure", in: folder).status != 0)
    }
  }
}
