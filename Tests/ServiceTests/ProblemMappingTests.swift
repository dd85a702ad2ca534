import Documents
import HTTP
import HTTPTypes
import Jobs
import Service
import SignalFormats
import Storage
import Testing
import WeightFormats

/// Every error has one status and one stable code.
struct ProblemMappingTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var error: any Error
    var status: Int
    var code: String
    var testDescription: String { "\(error)" }

    init(_ error: any Error, _ status: Int, _ code: String) {
      self.error = error
      self.status = status
      self.code = code
    }
  }

  private struct Unforeseen: Error {}

  private static let syntaxError: any Error = {
    do {
      _ = try JSONParser().parse("{")
      return Unforeseen()
    } catch {
      return error
    }
  }()

  static let documents: [Case] = [
    Case(DocumentError.malformed("/a", "b"), 400, "invalid_field"),
    Case(DocumentError.unprocessable("/a", "b"), 422, "unprocessable_field"),
    Case(syntaxError, 400, "malformed_json"),
    Case(SignalFormatError.png(detail: "d"), 422, "unreadable_signal"),
    Case(HTTPFailure(.requestTimeout, "request_timeout", "e"), 408, "request_timeout"),
    Case(Unforeseen(), 500, "internal_error"),
  ]

  static let weights: [Case] = [
    Case(WeightFormatError.cannotOpen(path: "a", reason: "b"), 500, "storage_failed"),
    Case(
      WeightFormatError.unreadable(offset: 0, count: 1, reason: "b"), 500, "storage_failed"),
    Case(
      WeightFormatError.unrecognised(firstBytes: [1], known: ["x"]), 415, "unknown_weight_format"),
    Case(WeightFormatError.malformed(format: "a", detail: "b"), 422, "invalid_weights"),
    Case(WeightFormatError.unsupported(format: "a", detail: "b"), 422, "unsupported_network"),
    Case(
      WeightFormatError.limit(name: "bytesMax", quantity: "q", value: 2, limit: 1), 413,
      "weights_too_large"),
    Case(
      WeightFormatError.limit(name: "tensorsMax", quantity: "q", value: 2, limit: 1), 422,
      "weights_over_limit"),
    Case(
      WeightFormatError.elementType(tensor: "a", found: "b", known: []), 422, "invalid_weights"),
    Case(WeightFormatError.nonFinite(tensor: "a", index: 0, value: .nan), 422, "invalid_weights"),
    Case(
      WeightFormatError.inexact(tensor: "a", index: 0, value: "b", elementType: .int64), 422,
      "invalid_weights"),
    Case(WeightFormatError.architecture(format: "a", detail: "b"), 422, "invalid_weights"),
    Case(WeightFormatError.architectureMissing(format: "a"), 422, "architecture_missing"),
    Case(WeightFormatError.stateMissing(detail: "a", known: ["b"]), 422, "state_not_found"),
    Case(WeightFormatError.stateAmbiguous(fitting: ["a", "b"]), 422, "state_ambiguous"),
  ]

  static let storage: [Case] = [
    Case(StorageError.locked(path: "a", holderPID: 1), 500, "storage_failed"),
    Case(StorageError.newerSchema(path: "a", migrations: []), 500, "storage_failed"),
    Case(StorageError.foreignDatabase(path: "a"), 500, "storage_failed"),
    Case(StorageError.full(detail: "a"), 507, "storage_full"),
    Case(StorageError.busy(detail: "a"), 503, "storage_busy"),
    Case(StorageError.corrupt(detail: "a"), 500, "storage_failed"),
    Case(StorageError.io(detail: "a"), 500, "storage_failed"),
    Case(StorageError.nameTaken(name: "a", id: "b"), 409, "name_taken"),
    Case(StorageError.inUse(id: "a", unfinishedJobs: 1), 409, "generator_in_use"),
    Case(StorageError.generatorMissing(id: "a"), 404, "generator_not_found"),
    Case(StorageError.blobMissing(ContentDigest(hashing: [])), 404, "weights_not_found"),
    Case(StorageError.blobTooLarge(byteCountMax: 1), 413, "weights_too_large"),
    Case(StorageError.blobWriterClosed, 500, "storage_failed"),
    Case(StorageError.pageSizeInvalid(size: 0), 400, "invalid_page_size"),
    Case(StorageError.pageTokenInvalid(reason: "a"), 422, "invalid_page_token"),
  ]

  static let jobs: [Case] = [
    Case(JobStoreError.invalidSubmission(field: "id", detail: "a"), 400, "invalid_field"),
    Case(JobStoreError.queueFull(queuedMax: 1), 503, "queue_full"),
    Case(
      JobStoreError.idempotencyMismatch(key: "a", jobID: "b"), 422, "idempotency_key_reused"),
    Case(JobStoreError.identifierConflict(id: "a"), 409, "id_taken"),
    Case(JobStoreError.subjectMissing(subject: "a"), 422, "unknown_generator"),
    Case(JobStoreError.jobMissing(id: "a"), 404, "inversion_not_found"),
    Case(JobStoreError.jobUnfinished(id: "a", state: .running), 409, "inversion_not_finished"),
    Case(JobStoreError.pageSizeInvalid(size: 0), 400, "invalid_page_size"),
    Case(JobStoreError.pageTokenInvalid(reason: "a"), 422, "invalid_page_token"),
    Case(unavailable(.full), 507, "storage_full"), Case(unavailable(.busy), 503, "storage_busy"),
    Case(unavailable(.corrupt), 500, "storage_failed"),
    Case(unavailable(.io), 500, "storage_failed"),
  ]

  private static func unavailable(_ kind: JobStoreFailure.Kind) -> JobStoreError {
    .unavailable(JobStoreFailure(kind: kind, description: "a"))
  }

  @Test(arguments: documents + weights + storage + jobs)
  func everyErrorHasItsStatusAndCode(given: Case) throws {
    let problem = Problem(given.error)
    #expect(problem.status.code == given.status)
    #expect(problem.code == given.code)
    #expect(!problem.detail.isEmpty)
    // 503 says when to come back.
    #expect((problem.retryAfterSeconds != nil) == (given.status == 503))
    let document = problem.document(requestID: "r1")
    let schema = try #require(
      Contract.shared.document["components"]?["schemas"]?["Problem"])
    #expect(Contract.shared.schemas.faults(of: document, schema, isClosed: true).isEmpty)
    #expect(document["request_id"] == "r1")
  }

  @Test func whatTheServerFailedAtIsNotTold() {
    for error in [StorageError.io(detail: "secret"), .corrupt(detail: "secret")] {
      #expect(!Problem(error).detail.contains("secret"))
    }
    #expect(!Problem(Self.unavailable(.io)).detail.contains("'a'"))
  }

  @Test func fieldsAtFaultKeepTheirPointers() {
    let error = DocumentError(
      kind: .malformed,
      fields: [.init(pointer: "/a/0", detail: "x"), .init(pointer: "/b", detail: "y")])
    let document = Problem(error).document(requestID: nil)
    #expect(
      document["errors"]
        == [["pointer": "/a/0", "detail": "x"], ["pointer": "/b", "detail": "y"]])
    #expect(document["request_id"] == nil)
  }

  @Test func aProblemIsItself() {
    let problem = Problem(Problem(JobStoreError.jobMissing(id: "a")) as any Error)
    #expect(problem.code == "inversion_not_found")
  }
}
