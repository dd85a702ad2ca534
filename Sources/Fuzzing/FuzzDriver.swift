import Glibc

/// Hands the target named by the variable `FUZZ_TARGET` to libFuzzer, whose options and folders of
/// inputs the arguments are: `FUZZ_TARGET=onnx Fuzzing -max_total_time=60 FOLDER`. `Deploy/fuzz` calls
/// it.
@_cdecl("Fuzzing_main")
public func main(
  _ count: CInt, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
) -> CInt {
  guard chosen != nil else {
    let names = FuzzTarget.all.map(\.name).joined(separator: ", ")
    print("FUZZ_TARGET must name one of: \(names)")
    return 2
  }
  var count = count
  var arguments = arguments
  return runDriver(&count, &arguments, testOneInput)
}

private let chosen: FuzzTarget? = {
  guard let name = getenv("FUZZ_TARGET") else { return nil }
  return FuzzTarget.all.first { $0.name == String(cString: name) }
}()

private func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  chosen?.read(Array(UnsafeBufferPointer(start: start, count: count)))
  return 0
}

@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
  _ count: UnsafeMutablePointer<CInt>,
  _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
  _ test: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt
