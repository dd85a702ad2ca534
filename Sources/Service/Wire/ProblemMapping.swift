import Documents
import HTTP
import HTTPTypes
import Jobs
import Logging
import SignalFormats
import Storage
import WeightFormats

/// The one place where errors become status codes and stable codes.
extension Problem {
  package init(_ error: any Error) {
    switch error {
    case let error as Problem: self = error
    case let error as DocumentError: self.init(error)
    case let error as JSONSyntaxError:
      self.init(.badRequest, "malformed_json", "The body is not JSON: \(error.description).")
    case let error as WeightFormatError: self.init(error)
    case let error as SignalFormatError:
      self.init(.unprocessableContent, "unreadable_signal", error.message)
    case let error as StorageError: self.init(error)
    case let error as JobStoreError: self.init(error)
    case let error as HTTPFailure: self.init(error.status, error.code, error.detail)
    default:
      self.init(
        .internalServerError, "internal_error",
        "The server failed to answer; the request id names the entry in its log.")
    }
  }

  /// The same; an error that is the server's own fault is logged, since the client is told little.
  init(_ error: any Error, requestID: String, log: Logger) {
    self.init(error)
    guard status.code == 500 || status.code == 507 else { return }
    log.error(
      "a request failed",
      metadata: [
        "request_id": "\(requestID)", "code": "\(code)",
        "error": "\(String(describing: error))",
      ])
  }

  private init(_ error: DocumentError) {
    switch error.kind {
    case .malformed:
      self.init(.badRequest, "invalid_field", error.description, errors: error.fields)
    case .unprocessable:
      self.init(
        .unprocessableContent, "unprocessable_field", error.description, errors: error.fields)
    }
  }

  private init(_ error: WeightFormatError) {
    switch error {
    case .unrecognised:
      self.init(.unsupportedMediaType, "unknown_weight_format", error.message)
    case .limit(name: "bytesMax", quantity: _, value: _, limit: _):
      self.init(.contentTooLarge, "weights_too_large", error.message)
    case .limit:
      self.init(.unprocessableContent, "weights_over_limit", error.message)
    case .malformed, .elementType, .nonFinite, .inexact, .architecture:
      self.init(.unprocessableContent, "invalid_weights", error.message)
    case .unsupported:
      self.init(.unprocessableContent, "unsupported_network", error.message)
    case .architectureMissing:
      self.init(.unprocessableContent, "architecture_missing", error.message)
    case .stateMissing:
      self.init(.unprocessableContent, "state_not_found", error.message)
    case .stateAmbiguous:
      self.init(.unprocessableContent, "state_ambiguous", error.message)
    case .cannotOpen, .unreadable:
      self.init(.internalServerError, "storage_failed", "The storage failed; see the log.")
    }
  }

  private init(_ error: StorageError) {
    let detail = error.description
    switch error {
    case .nameTaken: self.init(.conflict, "name_taken", detail)
    case .inUse: self.init(.conflict, "generator_in_use", detail)
    case .clientFull: self.init(.insufficientStorage, "storage_quota_exceeded", detail)
    case .generatorMissing: self.init(.notFound, "generator_not_found", detail)
    case .blobMissing: self.init(.notFound, "weights_not_found", detail)
    case .blobTooLarge: self.init(.contentTooLarge, "weights_too_large", detail)
    case .pageSizeInvalid: self.init(.badRequest, "invalid_page_size", detail)
    case .pageTokenInvalid: self.init(.unprocessableContent, "invalid_page_token", detail)
    case .full: self.init(.insufficientStorage, "storage_full", detail)
    case .busy: self.init(.serviceUnavailable, "storage_busy", detail, retryAfterSeconds: 1)
    case .locked, .newerSchema, .schemaIncomplete, .tokenMissing, .foreignDatabase, .corrupt,
      .io, .blobWriterClosed:
      self.init(.internalServerError, "storage_failed", "The storage failed; see the log.")
    }
  }

  private init(_ error: JobStoreError) {
    let detail = error.description
    switch error {
    case .invalidSubmission(let field, let reason):
      self.init(
        .badRequest, "invalid_field", detail,
        errors: [.init(pointer: "/\(field)", detail: reason)])
    case .queueFull:
      self.init(.serviceUnavailable, "queue_full", detail, retryAfterSeconds: 5)
    case .clientBusy:
      self.init(.tooManyRequests, "too_many_unfinished", detail, retryAfterSeconds: 5)
    case .clientFull: self.init(.insufficientStorage, "storage_quota_exceeded", detail)
    case .idempotencyMismatch:
      self.init(.unprocessableContent, "idempotency_key_reused", detail)
    case .identifierConflict: self.init(.conflict, "id_taken", detail)
    case .subjectMissing:
      self.init(
        .unprocessableContent, "unknown_generator", detail,
        errors: [.init(pointer: "/generator", detail: detail)])
    case .jobMissing: self.init(.notFound, "inversion_not_found", detail)
    case .jobUnfinished: self.init(.conflict, "inversion_not_finished", detail)
    case .pageSizeInvalid: self.init(.badRequest, "invalid_page_size", detail)
    case .pageTokenInvalid: self.init(.unprocessableContent, "invalid_page_token", detail)
    case .unavailable(let failure):
      switch failure.kind {
      case .full: self.init(.insufficientStorage, "storage_full", detail)
      case .busy: self.init(.serviceUnavailable, "storage_busy", detail, retryAfterSeconds: 1)
      case .corrupt, .io:
        self.init(.internalServerError, "storage_failed", "The storage failed; see the log.")
      }
    }
  }
}

extension HTTPResponse.Status {
  static let insufficientStorage = Self(code: 507, reasonPhrase: "Insufficient Storage")
}
