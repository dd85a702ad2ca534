// swift-tools-version: 6.2

import PackageDescription

/// With `FUZZING` set, everything is built for libFuzzer and the address sanitizer: see `Deploy/fuzz`.
let isFuzzing = Context.environment["FUZZING"] != nil
let sanitizers = "-sanitize=fuzzer,address"

/// Warnings are failures, every existential is spelled, and a file sees only what it imports.
let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .unsafeFlags(
    ["-cross-module-optimization"] + (isFuzzing ? [sanitizers] : []),
    .when(configuration: .release)),
]

func module(
  _ name: String, _ dependencies: [Target.Dependency] = [], resources: [Resource]? = nil,
  exclude: [String] = []
) -> Target {
  .target(
    name: name, dependencies: dependencies, exclude: exclude, resources: resources,
    swiftSettings: strict)
}

func tests(
  _ name: String, _ dependencies: [Target.Dependency], resources: [Resource]? = nil
) -> Target {
  .testTarget(
    name: name, dependencies: dependencies, resources: resources, swiftSettings: strict)
}

let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let httpTypes: Target.Dependency = .product(name: "HTTPTypes", package: "swift-http-types")

let package = Package(
  name: "preimage",
  platforms: [.macOS(.v15)],
  products: [
    .executable(name: "preimage", targets: ["preimage"])
  ],
  dependencies: [
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(
      url: "https://github.com/apple/swift-configuration", from: "1.4.0", traits: []),
    .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
  ],
  targets: [
    // C libraries, each behind one module.
    .systemLibrary(name: "COpenBLAS", providers: [.apt(["libopenblas-dev"])]),
    .systemLibrary(name: "CPNG", providers: [.apt(["libpng-dev"])]),
    .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(name: "CCrypto", providers: [.apt(["libssl-dev"])]),
    .target(name: "CGLPK", linkerSettings: [.linkedLibrary("glpk")]),
    .target(name: "CLinux"),
    .target(name: "CAllocations"),

    // Numbers and documents.
    module("Documents"),
    module("LinearAlgebra", ["COpenBLAS"]),
    module("SignalFormats", ["CPNG"]),

    // What the product is about.
    module("Networks", ["LinearAlgebra", "Documents"]),
    module(
      "WeightFormats",
      [
        "Networks", "SignalFormats", "Documents", "CZlib",
        .product(name: "SwiftProtobuf", package: "swift-protobuf"),
      ]),
    module("Measurements", ["LinearAlgebra", "SignalFormats", "Documents"]),
    module("Inversion", ["Networks", "Measurements", "LinearAlgebra", "Documents", "CGLPK"]),
    module("BundledGenerators", resources: [.copy("Resources")], exclude: ["Training"]),

    module(
      "Experiments",
      [
        "Inversion", "Networks", "Measurements", "WeightFormats", "SignalFormats", "LinearAlgebra",
        "Documents", "BundledGenerators",
      ]),

    // Running it for others.
    module(
      "ServiceConfiguration",
      [
        .product(name: "Configuration", package: "swift-configuration"),
        .product(name: "Yams", package: "Yams"),
      ]),
    module("Jobs"),
    module(
      "Storage",
      [
        "Jobs", "CCrypto", .product(name: "GRDB", package: "GRDB.swift"),
        .product(name: "GRDBSQLite", package: "GRDB.swift"),
      ]),
    module("HTTP", ["CLinux", httpTypes, logging]),
    module(
      "Service",
      [
        "HTTP", "Storage", "Jobs", "Inversion", "Networks", "Measurements", "WeightFormats",
        "SignalFormats", "LinearAlgebra", "Documents", "BundledGenerators", "CZlib", httpTypes,
        logging,
      ]),
    .executableTarget(
      name: "preimage",
      dependencies: [
        "Service", "ServiceConfiguration", "HTTP", "Storage", "Jobs", "Inversion", "Networks",
        "Measurements", "WeightFormats", "SignalFormats", "LinearAlgebra", "Documents",
        "BundledGenerators", "Experiments", "CLinux", logging,
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: strict),
    .executableTarget(
      name: "Benchmarks",
      dependencies: [
        "Service", "HTTP", "Storage", "Jobs", "Inversion", "Networks", "Measurements",
        "WeightFormats", "LinearAlgebra", "Documents", "BundledGenerators", "SignalFormats",
        "CAllocations", logging, .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: strict),

    tests("ArchitectureTests", []),
    tests("DocumentsTests", ["Documents"]),
    tests("LinearAlgebraTests", ["LinearAlgebra", "COpenBLAS"]),
    tests("SignalFormatsTests", ["SignalFormats"]),
    tests(
      "NetworksTests", ["Networks", "LinearAlgebra", "Documents"],
      resources: [.copy("Fixtures")]),
    tests(
      "WeightFormatsTests", ["WeightFormats", "Networks", "Documents", "LinearAlgebra"],
      resources: [.copy("Fixtures")]),
    tests("MeasurementsTests", ["Measurements", "LinearAlgebra", "Documents", "SignalFormats"]),
    tests(
      "InversionTests",
      [
        "Inversion", "Networks", "Measurements", "WeightFormats", "LinearAlgebra", "Documents",
        "SignalFormats", "BundledGenerators", "CGLPK", "CAllocations",
      ]),
    tests(
      "ExperimentsTests",
      [
        "Experiments", "Inversion", "Networks", "Measurements", "SignalFormats", "LinearAlgebra",
        "BundledGenerators",
      ]),
    tests("ServiceConfigurationTests", ["ServiceConfiguration"]),
    tests("JobsTests", ["Jobs"]),
    tests("StorageTests", ["Storage", "Jobs"]),
    tests("HTTPTests", ["HTTP", "CLinux", httpTypes], resources: [.copy("Fixtures")]),
    tests(
      "ServiceTests",
      [
        "Service", "HTTP", "Storage", "Jobs", "Inversion", "Networks", "Measurements",
        "WeightFormats", "Documents", "SignalFormats", "BundledGenerators", "CZlib", httpTypes,
        logging,
      ]),
    tests("PreimageTests", ["Documents", "SignalFormats", "BundledGenerators"]),
  ]
)

if isFuzzing {
  package.targets.append(
    .executableTarget(
      name: "Fuzzing",
      dependencies: ["WeightFormats", "Networks", "SignalFormats", "Documents", "HTTP"],
      swiftSettings: strict, linkerSettings: [.unsafeFlags([sanitizers, "-use-ld=lld"])]))
}
