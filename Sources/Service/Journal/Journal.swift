import Foundation
import HTTP
import HTTPTypes
import Jobs
import Logging

/// A line for every request that was answered and for every inversion that ended.
///
/// The fields are listed here and nowhere else: no header, no query, no body and no token is among
/// them. A route is its pattern; who asked is the client's name and the token's public id.
public struct Journal: Sendable {
  private let sink: LogSink
  private let now: @Sendable () -> Date

  public init(_ sink: LogSink, now: @escaping @Sendable () -> Date = { Date() }) {
    self.sink = sink
    self.now = now
  }

  /// Returns once everything so far is written.
  func flush() { sink.flush() }

  var leftOutCount: Int { sink.leftOutCount }

  func record(_ access: AccessRecord) {
    let context = access.context as? RequestContext
    // Probes and documents that are open to all come often and say little.
    let isQuiet = access.context == nil && access.status < 400 && access.routePattern != nil
    let level: Logger.Level =
      switch access.status {
      case 500: .error
      case 503, 507: .warning
      default: isQuiet ? .debug : .info
      }
    guard level >= sink.level else { return }
    var fields: [(name: String, value: LogLine.Value)] = [
      ("method", .text(access.method?.rawValue ?? "none")),
      ("route", .text(access.routePattern ?? "none")), ("status", .count(access.status)),
      ("seconds", .number(access.durationSeconds)),
      ("request_bytes", .count(access.requestBodyBytes)),
      ("response_bytes", .count(access.responseBodyBytes)),
      ("request_id", .text(access.requestID)),
      ("address", .text(context?.address ?? access.remoteAddress.host)),
    ]
    let peer = access.remoteAddress.host
    if let context, context.address != peer { fields.append(("proxy", .text(peer))) }
    if let trace = context?.trace { fields.append(("trace_id", .text(trace.traceID))) }
    if let principal = context?.principal {
      fields.append(("client", .text(principal.client)))
      if let id = principal.tokenID { fields.append(("token_id", .text(id))) }
    }
    sink.add(LogLine(now(), level, "request", fields))
  }

  /// - Parameters:
  ///   - job: as it was when it last began, or ended in the queue.
  ///   - report: how its last attempt ended, if one did.
  func record(_ job: Job, _ state: JobState, report: JobReport?, seconds: Double?) {
    let level: Logger.Level = state == .failed ? .error : .info
    guard level >= sink.level else { return }
    var fields: [(name: String, value: LogLine.Value)] = [
      ("id", .text(job.publicID)), ("status", .text(state.rawValue)),
    ]
    if let verdict = report?.facets?.verdict { fields.append(("verdict", .text(verdict))) }
    if let reason = report?.reason { fields.append(("reason", .text(reason))) }
    if let seconds { fields.append(("seconds", .number(seconds))) }
    if let waited = job.queueSeconds { fields.append(("queue_seconds", .number(waited))) }
    if let steps = report?.stepCount { fields.append(("iterations", .count(steps))) }
    fields += [
      ("attempt", .count(job.attempt)), ("generator", .text(job.subject)),
      ("solver", .text(job.facets.method)), ("client", .text(job.client)),
    ]
    if let trace = TraceContext.traceID(of: job.traceContext) {
      fields.append(("trace_id", .text(trace)))
    }
    sink.add(LogLine(now(), level, "inversion", fields))
  }
}
