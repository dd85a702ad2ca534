import Documents
import HTTPTypes

/// The operations of those who run the service.
struct OperatingOperations {
  private static let tag = "Operating"

  var all: [Operation] {
    [
      Operation(
        method: .get, path: "/healthz", id: "getHealth", tag: Self.tag, access: .open,
        summary: "Whether the process is alive",
        details: "Touches nothing, and answers while every core is busy.",
        replies: [text("Alive.", "ok")]),
      Operation(
        method: .get, path: "/readyz", id: "getReadiness", tag: Self.tag, access: .open,
        summary: "Whether work should be sent here",
        details: "Not while the server starts or drains, nor while storage refuses writes.",
        replies: [text("Ready.", "ready")], refusals: [Refusal(503, "not_ready")]),
      Operation(
        method: .get, path: "/metrics", id: "getMetrics", tag: Self.tag, access: .needs(.admin),
        summary: "Counters and gauges for Prometheus",
        details: "The text format, version 0.0.4, in base units.",
        replies: [
          Reply(
            status: 200, text: "The metrics.",
            content: [Content(mediaType: "text/plain", schema: Schema.string())])
        ]),
      Operation(
        method: .get, path: "/version", id: "getVersion", tag: Self.tag, access: .open,
        summary: "What runs here", replies: [json("The version.", "Version")]),
      Operation(
        method: .get, path: "/openapi.json", id: "getOpenAPI", tag: Self.tag, access: .open,
        summary: "This document",
        replies: [
          Reply(
            status: 200, text: "The document.",
            content: [.json(["type": "object", "required": ["openapi", "info", "paths"]])])
        ]),
      Operation(
        method: .get, path: "/", id: "getDiscovery", tag: Self.tag, access: .open,
        summary: "Where everything is", replies: [json("Links by name.", "Discovery")]),
    ]
  }

  private func text(_ text: String, _ body: String) -> Reply {
    Reply(
      status: 200, text: text,
      content: [
        Content(mediaType: "text/plain", schema: Schema.string("`\(body)` and a line feed."))
      ], fields: [("Cache-Control", "`no-store`")])
  }

  private func json(_ text: String, _ schema: String) -> Reply {
    Reply(status: 200, text: text, content: [.json(Schema.named(schema))])
  }
}
