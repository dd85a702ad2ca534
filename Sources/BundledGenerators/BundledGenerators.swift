import Foundation

/// The trained generators that come with the product, and pictures to invert. `Training/train.py`
/// makes all of them from Debian's copy of Fashion-MNIST.
public struct BundledGenerator: Sendable {
  /// What the service offers it as.
  public let name: String

  /// 1x32x32, four transposed convolutions after Ma et al. (2018, section 4.3), latent 10.
  public static let fashionConv = BundledGenerator(name: "fashion-conv")
  /// 20-128-392-784 perceptron after Aberdam et al. (2020), output 1x28x28.
  public static let fashionMLP = BundledGenerator(name: "fashion-mlp")
  public static let all = [fashionConv, fashionMLP]

  /// Weights with the architecture in their metadata.
  public var weightsPath: String { BundledFiles.path("\(name).safetensors") }
  /// `[5, latent]`, `.npy`.
  public var referenceLatentsPath: String { BundledFiles.path("\(name).latents.npy") }
  /// `[5, output]`, `.npy`, computed in double precision.
  public var referenceOutputsPath: String { BundledFiles.path("\(name).outputs.npy") }
}

/// Where the bundled files are.
public enum BundledFiles {
  /// Test images that no generator was trained on, `[40, 28, 28]` bytes, four of each class.
  public static var heldOutImagesPath: String { path("held-out-images.npy") }
  /// The class of each, 0 to 9.
  public static var heldOutLabelsPath: String { path("held-out-labels.npy") }
  /// One of them as a picture of 28 x 28.
  public static var heldOutPicturePath: String { path("held-out-0.png") }

  static func path(_ name: String) -> String {
    Bundle.module.bundlePath + "/Resources/" + name
  }
}
