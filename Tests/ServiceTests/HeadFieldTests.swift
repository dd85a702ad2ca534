import Documents
import HTTP
import HTTPTypes
import Service
import Testing

/// What the fields of a head mean: media types, preferences, ranges.
struct HeadFieldTests {
  @Test(arguments: [
    ("Application/JSON; charset=utf-8", "application/json"), (" text/plain ", "text/plain"),
    ("a/b;c", "a/b"), ("", ""),
  ])
  func theEssenceIsTheTypeAlone(field: String, essence: String) {
    #expect(MediaType.essence(field) == essence)
  }

  @Test(arguments: [
    ("a/b; boundary=x", "x"), ("a/b;BOUNDARY=\"x y\"", "x y"), ("a/b; boundary = x ", "x"),
    ("a/b; other=\"; boundary=no\"; boundary=yes", "yes"),
    (#"a/b; boundary="x\"y\\z""#, #"x"y\z"#), ("a/b; boundary=", nil), ("a/b", nil),
    ("boundary=x", nil),
  ])
  func aParameterIsFoundOutsideOfQuotes(field: String, value: String?) {
    #expect(MediaType.parameter("boundary", of: field) == value)
  }

  @Test(arguments: [
    (String?.none, String?.some("application/json")), ("", "application/json"),
    ("*/*", "application/json"),
    ("image/png", "image/png"), ("image/*", "image/png"), ("text/html", nil),
    ("text/html, */*;q=0.1", "application/json"),
    ("application/json;q=0.5, image/png", "image/png"),
    ("application/json;q=0, */*", "application/x-npy"), ("IMAGE/PNG;q=0.1", "image/png"),
    ("image/png;q=0", nil), ("application/*, image/png;q=0.9", "application/json"),
    ("application/x-npy;q=0.4, application/*;q=0.3, image/png;q=0.2", "application/x-npy"),
    ("image/png;q=2, application/json;q=1", "application/json"),
    ("application/json;q=rubbish", "application/json"),
  ])
  func acceptChoosesWhatIsLikedBest(accept: String?, chosen: String?) {
    let offers = ["application/json", "application/x-npy", "image/png"]
    #expect(MediaType.negotiate(accept, offers: offers) == chosen)
  }

  @Test(arguments: [
    (String?.none, Int?.none), ("wait=5", 5), ("respond-async, wait=7", 7), ("WAIT = 3", 3),
    ("wait=0", 0),
    ("wait=60", 60), ("wait=61", 60), ("wait=99999999999999999999", nil), ("wait=-1", nil),
    ("wait=+5", nil), ("wait=5.5", nil), ("wait", nil), ("wait=", nil), ("handling=lenient", nil),
    ("wait=x, wait=4", 4),
  ])
  func aPreferredWaitIsReadOrIgnored(field: String?, seconds: Int?) throws {
    let fields: HTTPFields = try field.map { [try #require(HTTPField.Name("Prefer")): $0] } ?? [:]
    let request = try Request(.post, "/v1/inversions", fields: fields)
    #expect(try Prefer.wait(request, secondsMax: 60) == seconds)
  }

  @Test(arguments: [
    ("bytes=0-0", 0..<1), ("bytes=2-4", 2..<5), ("bytes=2-", 2..<10), ("bytes=-3", 7..<10),
    ("bytes=-30", 0..<10), ("bytes=0-99", 0..<10), ("Bytes=9-9", 9..<10),
    ("bytes=0-99999999999999999999", 0..<10),
    // Beyond the file.
    ("bytes=10-", 10..<10), ("bytes=10-12", 10..<10), ("bytes=-0", 10..<10),
    ("bytes=99999999999999999999-", 10..<10),
    // To be ignored.
    ("bytes=5-4", nil), ("bytes=-", nil), ("bytes=", nil), ("bytes=0-1,3-4", nil),
    ("lines=0-1", nil),
    ("bytes=+1-2", nil), ("bytes=1-2-3", nil), ("bytes 0-1", nil), ("bytes=a-b", nil),
    ("bytes=0x1-2", nil), ("", nil),
  ])
  func aRangeIsOneOfBytes(field: String, range: Range<Int>?) {
    #expect(ByteRange.parse(field, count: 10) == range)
  }

  @Test func anEmptyFileHasNoRange() {
    for field in ["bytes=0-", "bytes=0-0", "bytes=-1"] {
      #expect(ByteRange.parse(field, count: 0)?.isEmpty == true, "\(field)")
    }
  }
}
